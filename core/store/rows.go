package store

import (
	"database/sql/driver"
	"fmt"
)

// digest is a SHA-256 as it is stored: 32 bytes. The zero digest stands before the first transfer of a chain.
type digest [32]byte

// Value is database/sql's.
func (d digest) Value() (driver.Value, error) { return d[:], nil }

// Scan is database/sql's.
func (d *digest) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(d) {
		return fmt.Errorf("a stored hash is not %d bytes", len(d))
	}
	copy(d[:], b)
	return nil
}

// channelRow is the fence, the counters, and what must be known at the next start.
type channelRow struct {
	Channel      string `gorm:"primaryKey"`
	Fence        int64
	Holder       string
	AliveAtMS    int64 `gorm:"column:alive_at_ms"`
	Epoch        int64
	OnAirEntry   int64
	OnAirSinceMS int64 `gorm:"column:on_air_since_ms"`
	OnAirRun     string
	EntrySeq     int64
	TransferSeq  int64
	PlaylistSeq  int64
	ChainHead    digest
	PromoState   string
}

// TableName is gorm's.
func (channelRow) TableName() string { return "channels" }

type walletRow struct {
	Channel       string `gorm:"primaryKey"`
	UserKey       string `gorm:"primaryKey"`
	UserName      string
	Balance       int64
	CreatedAtMS   int64 `gorm:"column:created_at_ms"`
	BlockedReason string
}

// TableName is gorm's.
func (walletRow) TableName() string { return "wallets" }

type purchaseRow struct {
	Channel        string `gorm:"primaryKey"`
	PurchaseID     string `gorm:"primaryKey"`
	BuyerKey       string
	BuyerName      string
	RequestKey     string
	RequestHash    digest
	Tier           string
	MediaType      string
	MediaID        string
	Title          string
	DurationMS     int64 `gorm:"column:duration_ms"`
	BasePrice      int64
	Discount       int64
	Price          int64
	StationDay     int
	BoughtReserved bool
	State          string
	Reason         *string
	BoughtAtMS     int64  `gorm:"column:bought_at_ms"`
	EndedAtMS      *int64 `gorm:"column:ended_at_ms"`
	HoldSeq        int64
	EndSeq         *int64
	EntryID        int64 `gorm:"->"` // joined: the entry that was bought
}

// TableName is gorm's.
func (purchaseRow) TableName() string { return "purchases" }

type transferRow struct {
	Channel    string `gorm:"primaryKey"`
	Seq        int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind       string
	Debit      string
	Credit     string
	UserKey    string
	Amount     int64
	PurchaseID *string
	IdemKey    string
	IdemHash   digest
	Reason     string
	Actor      string
	AtMS       int64 `gorm:"column:at_ms"`
	PrevHash   digest
	Hash       digest
}

// TableName is gorm's.
func (transferRow) TableName() string { return "transfers" }

type entryRow struct {
	Channel       string `gorm:"primaryKey"`
	EntryID       int64  `gorm:"primaryKey;autoIncrement:false"`
	Role          string
	State         string
	Leaving       string
	Ord           int64
	MediaType     string
	MediaID       string
	Title         string
	DurationMS    int64 `gorm:"column:duration_ms"`
	Temp          bool
	AddedBy       string
	Epoch         *int64
	UID           *int64 `gorm:"column:uid"`
	PromoType     *string
	TargetID      *int64
	Airing        *int64
	PurchaseID    *string
	PaidBy        string
	FiringID      *int64
	DecisionID    *int64
	Plugin        *string
	PluginBase    *int64
	PluginVersion *int64
	PluginNext    []byte
	UndoRev       *int64
	UndoVersion   *int64
	UndoData      []byte
	PlannedAtMS   *int64 `gorm:"column:planned_at_ms"`
	SentAtMS      *int64 `gorm:"column:sent_at_ms"`
	AiredAtMS     *int64 `gorm:"column:aired_at_ms"`
	Airings       int64
	EndedAtMS     *int64 `gorm:"column:ended_at_ms"`
	EndedHow      *string
}

// TableName is gorm's.
func (entryRow) TableName() string { return "entries" }

type runRow struct {
	Channel     string `gorm:"primaryKey"`
	RunID       int64  `gorm:"primaryKey;autoIncrement:false"`
	EntryID     int64
	Role        string
	PromoType   *string
	MediaType   string
	MediaID     string
	Title       string
	LengthMS    int64  `gorm:"column:length_ms"`
	PlannedAtMS *int64 `gorm:"column:planned_at_ms"`
	StartedAtMS int64  `gorm:"column:started_at_ms"`
	EndedAtMS   *int64 `gorm:"column:ended_at_ms"`
	AiredMS     int64  `gorm:"column:aired_ms"`
	Counted     bool
	How         *string
	ByWhom      *string
	PeopleStart *int
	PeopleEnd   *int
	DecisionID  *int64
	Observed    bool
	Held        bool
}

// TableName is gorm's.
func (runRow) TableName() string { return "as_run" }

type decisionRow struct {
	Channel     string `gorm:"primaryKey"`
	DecisionID  int64  `gorm:"primaryKey;autoIncrement:false"`
	AtMS        int64  `gorm:"column:at_ms"`
	EventID     string
	Hook        string
	TargetID    *int64
	Rule        string
	Outcome     string
	SettingsRev int64
	Seed        int64
	Detail      string
}

// TableName is gorm's.
func (decisionRow) TableName() string { return "decisions" }

type callRow struct {
	Channel      string `gorm:"primaryKey"`
	EventID      string `gorm:"primaryKey"`
	Plugin       string `gorm:"primaryKey"`
	AtMS         int64  `gorm:"column:at_ms"`
	Hook         string
	Outcome      string
	Why          string
	LatencyUS    int64 `gorm:"column:latency_us"`
	Priority     int
	Version      string
	BinarySHA256 string `gorm:"column:binary_sha256"`
	SettingsRev  int64
	StateRev     int64
	StateVersion int64
	Request      []byte
	Reply        []byte
}

// TableName is gorm's.
func (callRow) TableName() string { return "hook_calls" }

type stateRow struct {
	Channel     string `gorm:"primaryKey"`
	Plugin      string `gorm:"primaryKey"`
	Rev         int64
	Version     int64
	Data        []byte
	UpdatedAtMS int64 `gorm:"column:updated_at_ms"`
}

// TableName is gorm's.
func (stateRow) TableName() string { return "plugin_state" }

type clockRow struct {
	Channel     string `gorm:"primaryKey"`
	UserKey     string `gorm:"primaryKey"`
	AwayMS      int64  `gorm:"column:away_ms"`
	Plugin      string
	Reason      string
	UpdatedAtMS int64 `gorm:"column:updated_at_ms"`
}

// TableName is gorm's.
func (clockRow) TableName() string { return "presence_clocks" }

type noticeRow struct {
	Channel     string `gorm:"primaryKey"`
	NoticeID    int64  `gorm:"primaryKey;autoIncrement:false"`
	UserKey     string
	Text        string
	CreatedAtMS int64  `gorm:"column:created_at_ms"`
	ToldAtMS    *int64 `gorm:"column:told_at_ms"`
}

// TableName is gorm's.
func (noticeRow) TableName() string { return "notices" }

type lockRow struct {
	Channel    string `gorm:"primaryKey"`
	LockID     int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind       string
	ScheduleID int64
	FiringID   *int64
	Label      string
	StartsAtMS int64  `gorm:"column:starts_at_ms"`
	OpenedAtMS int64  `gorm:"column:opened_at_ms"`
	ClosedAtMS *int64 `gorm:"column:closed_at_ms"`
	ClosedBy   *string
}

// TableName is gorm's.
func (lockRow) TableName() string { return "locks" }

type scheduleRow struct {
	Channel          string `gorm:"primaryKey"`
	ScheduleID       int64  `gorm:"primaryKey;autoIncrement:false"`
	PlaylistID       int64
	FallbackID       *int64
	Label            string
	StartLocal       string
	RRule            string `gorm:"column:rrule"`
	LockMinutes      int
	ImmutableUntilMS *int64 `gorm:"column:immutable_until_ms"`
	Active           bool
	Rotate           bool
	NextAtMS         *int64 `gorm:"column:next_at_ms"`
	WaivedMS         *int64 `gorm:"column:waived_ms"`
	Rev              int64
}

// TableName is gorm's.
func (scheduleRow) TableName() string { return "schedules" }

type firingRow struct {
	Channel     string `gorm:"primaryKey"`
	FiringID    int64  `gorm:"primaryKey;autoIncrement:false"`
	ScheduleID  int64
	DueAtMS     int64 `gorm:"column:due_at_ms"`
	Step        string
	Loaded      int
	Failed      string
	LastEntryID *int64
	OpenedAtMS  int64  `gorm:"column:opened_at_ms"`
	EndedAtMS   *int64 `gorm:"column:ended_at_ms"`
	EndedHow    *string
	Label       string
	PlaylistID  int64
	FallbackID  *int64
	Immutable   bool
	FiredBy     string
	Alarm       string
	SeenBy      string
}

// TableName is gorm's.
func (firingRow) TableName() string { return "firings" }

type loadRow struct {
	Channel     string `gorm:"primaryKey"`
	LoadID      int64  `gorm:"primaryKey;autoIncrement:false"`
	PlaylistID  int64
	Name        string
	StartedBy   string
	Total       int
	Done        int
	Failed      string
	StartedAtMS int64  `gorm:"column:started_at_ms"`
	EndedAtMS   *int64 `gorm:"column:ended_at_ms"`
	EndedHow    *string
	Why         string
}

// TableName is gorm's.
func (loadRow) TableName() string { return "loads" }
