package store_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"playbill/core/audit"
	"playbill/core/library"
	"playbill/core/store"
)

// BenchmarkImport is an import of 100,000 titles from CSV, parsed, stored and indexed: how long it takes, what the host
// holds more afterwards, and how long the longest transaction kept the writer.
func BenchmarkImport(b *testing.B) {
	const titles = 100_000
	var csv strings.Builder
	csv.WriteString("type,id,title,length,year,categories,tags,people,description\n")
	for i := range titles {
		fmt.Fprintf(&csv, "cm,https://media.example/%d.json,The %d Letters of a Lighthouse Keeper,%d,%d,Drama|Silent,harbour|fog,Ida Lupino,A description of some length that stands for what people write about a film.\n",
			i, i, 600+i%6000, 1900+i%100)
	}
	for b.Loop() {
		db, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "playbill.db")})
		if err != nil {
			b.Fatal(err)
		}
		books, err := db.Claim(b.Context(), "hall", "bench")
		if err != nil {
			b.Fatal(err)
		}
		l, err := library.Open(b.Context(), books)
		if err != nil {
			b.Fatal(err)
		}
		before := inUse()
		start := time.Now()
		list, problems, err := l.ReadTitles(library.FormCSV, strings.NewReader(csv.String()))
		if err != nil || len(problems) > 0 {
			b.Fatal(problems, err)
		}
		last, longest := time.Now(), time.Duration(0)
		counts, err := l.ImportTitles(b.Context(), list, audit.Entry{AtMS: 1, Actor: "bench"}, func(int, int) {
			longest, last = max(longest, time.Since(last)), time.Now()
		})
		if err != nil || counts.Added != titles {
			b.Fatal(counts, err)
		}
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/import")
		b.ReportMetric(float64(longest.Milliseconds()), "ms-longest-step")
		b.ReportMetric(float64(inUse()-before)/(1<<20), "MB-held")
		runtime.KeepAlive(list)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
