package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/core/jobs"
	"playbill/core/library"
	"playbill/sdk"
	"playbill/web/session"
)

// job is an import or a sync, as it stands.
type job struct {
	ID        int64        `json:"id"`
	Kind      string       `json:"kind"` // import, mediacms
	Subject   string       `json:"subject"`
	Actor     *string      `json:"actor"` // null: the host
	State     string       `json:"state"` // running, done, failed, cancelled, interrupted
	Done      int64        `json:"done"`
	Total     *int64       `json:"total"` // null: not known
	Note      string       `json:"note"`
	Problems  []jobProblem `json:"problems"`
	StartedAt *string      `json:"started_at"`
	EndedAt   *string      `json:"ended_at"`
}

// jobProblem is one thing that could not be done while the rest was.
type jobProblem struct {
	Line    *int   `json:"line"`
	Text    string `json:"text"`
	Message string `json:"message"`
}

// imported is what an import would do, or the job that does it.
type imported struct {
	Added    int           `json:"added"`
	Changed  int           `json:"changed"`
	Same     int           `json:"same"`
	Problems []lineProblem `json:"problems"`
	Job      *job          `json:"job"` // null in a dry run
}

// PostImport reads titles from the body, or from the channel's list, and stores them beside what goes on. With dry_run=1 it
// says what would come of it.
func (a *API) PostImport(c *gin.Context, who session.Who) error {
	titles, problems, err := a.titlesOf(c)
	if err != nil {
		return err
	}
	would := a.Stocking.Compare(titles)
	out := imported{Added: would.Added, Changed: would.Changed, Same: would.Same, Problems: problemsJSON(problems)}
	if c.Query("dry_run") == "1" {
		return send(c, http.StatusOK, out)
	}
	if len(titles) == 0 {
		return fault.New(fault.Invalid, "There is no title in what was sent, so nothing is imported.")
	}
	entry := a.act(who, "", "")
	started, err := a.Jobs.Start(c.Request.Context(), "import", "Import of "+a.nameOf(c), entry.Actor, a.importing(titles, problems, entry))
	if err != nil {
		return err
	}
	asJob := jobJSON(started)
	out.Job = &asJob
	return send(c, http.StatusAccepted, out)
}

func (a *API) nameOf(c *gin.Context) string {
	if name := strings.TrimSpace(c.Query("name")); name != "" {
		return name
	}
	return map[string]string{library.FormChannel: "the channel’s list", library.FormText: "a pasted list"}[c.Query("format")] +
		map[string]string{library.FormCSV: "a CSV file", library.FormJSON: "a JSON file"}[c.Query("format")]
}

// titlesOf reads what is to be imported.
func (a *API) titlesOf(c *gin.Context) ([]library.Title, []library.Problem, error) {
	form := c.Query("format")
	if form == library.FormChannel {
		var listed []sdk.Media
		for _, e := range a.Floor.View().Shadow.Entries {
			if !e.Role.Promo() {
				listed = append(listed, e.Media)
			}
		}
		return a.Stocking.TitlesOfChannel(listed), nil, nil
	}
	text, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, importBodyMax))
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		return nil, nil, fault.New(fault.Invalid, "The file is larger than 64 MB. Import it in parts.")
	}
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Invalid, "The file could not be read to its end.")
	}
	return a.Stocking.ReadTitles(form, bytes.NewReader(text))
}

// importing is the work of an import.
func (a *API) importing(titles []library.Title, problems []library.Problem, who audit.Entry) jobs.Work {
	return func(ctx context.Context, p *jobs.Progress) error {
		for _, one := range problems {
			p.Problem(jobs.Problem{Line: one.Line, Text: one.Text, Sentence: one.Sentence})
		}
		counts, err := a.Stocking.ImportTitles(ctx, titles, who, func(done, total int) {
			p.At(int64(done), int64(total), "Titles are stored.")
		})
		p.At(int64(counts.All()), int64(len(titles)), counts.Words())
		return err
	}
}

// GetJobs lists imports and syncs, the newest first.
func (a *API) GetJobs(c *gin.Context, _ session.Who) error {
	all, err := a.Jobs.List(c.Request.Context())
	if err != nil {
		return err
	}
	out := make([]job, len(all))
	for i, j := range all {
		out[i] = jobJSON(j)
	}
	return send(c, http.StatusOK, gin.H{"jobs": out})
}

// DeleteJob cancels one that runs.
func (a *API) DeleteJob(c *gin.Context, who session.Who) error {
	id, err := idOf(c, "id", "job")
	if err != nil {
		return err
	}
	if err := a.Jobs.Cancel(id); err != nil {
		return err
	}
	a.record(c.Request.Context(), a.act(who, "job.cancel", c.Param("id")))
	c.Status(http.StatusAccepted)
	return nil
}

// PostSync starts a sync with the site of the configuration.
func (a *API) PostSync(c *gin.Context, who session.Who) error {
	if a.Sync == nil {
		return fault.New(fault.NotFound, "No MediaCMS site is configured. Name one in the mediacms block of the configuration.")
	}
	started, err := a.Sync(c.Request.Context(), string(who.Key))
	if err != nil {
		return err
	}
	a.record(c.Request.Context(), a.act(who, "catalog.sync", started.Subject))
	return send(c, http.StatusAccepted, jobJSON(started))
}

func jobJSON(j jobs.Job) job {
	out := job{ID: j.ID, Kind: j.Kind, Subject: j.Subject, Actor: orNull(j.Actor), State: string(j.State), Done: j.Done, Total: orNull(j.Total),
		Note: j.Note, Problems: make([]jobProblem, len(j.Problems)), StartedAt: instant(j.StartedMS), EndedAt: instant(j.EndedMS)}
	for i, p := range j.Problems {
		out.Problems[i] = jobProblem{orNull(p.Line), p.Text, p.Sentence}
	}
	return out
}
