package store

type playlistRow struct {
	Channel    string `gorm:"primaryKey"`
	PlaylistID int64  `gorm:"primaryKey;autoIncrement:false"`
	Name       string
	Immutable  bool
	PromoType  *string
	Rev        int64
}

// TableName is gorm's.
func (playlistRow) TableName() string { return "playlists" }

type itemRow struct {
	Channel     string `gorm:"primaryKey"`
	PlaylistID  int64  `gorm:"primaryKey;autoIncrement:false"`
	ItemID      int64  `gorm:"primaryKey;autoIncrement:false"`
	Ord         int64
	MediaType   string
	MediaID     string
	Title       string
	DurationMS  int64  `gorm:"column:duration_ms"`
	StartsAtMS  *int64 `gorm:"column:starts_at_ms"`
	EndsAtMS    *int64 `gorm:"column:ends_at_ms"`
	Windows     string
	RestMinutes int
	Tags        string
	Evergreen   bool
	Refusals    int
	RefusedWhy  *string
}

// TableName is gorm's.
func (itemRow) TableName() string { return "playlist_items" }

type titleRow struct {
	MediaType    string `gorm:"primaryKey"`
	MediaID      string `gorm:"primaryKey"`
	Title        string
	Description  string
	DurationMS   int64 `gorm:"column:duration_ms"`
	Year         *int
	Categories   string
	Tags         string
	People       string
	ArtURL       string `gorm:"column:art_url"`
	Source       string
	AddedAtMS    int64  `gorm:"column:added_at_ms"`
	ClosedFromMS *int64 `gorm:"column:closed_from_ms"`
	ClosedToMS   *int64 `gorm:"column:closed_to_ms"`
	GoneAtMS     *int64 `gorm:"column:gone_at_ms"`
	GoneBy       string
}

// TableName is gorm's.
func (titleRow) TableName() string { return "catalog" }

type tokenRow struct {
	TokenSHA256 digest `gorm:"column:token_sha256;primaryKey"`
	Name        string
	RankTenths  int
	CreatedBy   string
	CreatedAtMS int64  `gorm:"column:created_at_ms"`
	ExpiresAtMS *int64 `gorm:"column:expires_at_ms"`
	RevokedAtMS *int64 `gorm:"column:revoked_at_ms"`
	UsedAtMS    *int64 `gorm:"column:used_at_ms"`
}

// TableName is gorm's.
func (tokenRow) TableName() string { return "tokens" }

type sessionRow struct {
	TokenSHA256 digest `gorm:"column:token_sha256;primaryKey"`
	Channel     string
	UserKey     string
	UserName    string
	CreatedAtMS int64  `gorm:"column:created_at_ms"`
	SeenAtMS    int64  `gorm:"column:seen_at_ms"`
	ExpiresAtMS int64  `gorm:"column:expires_at_ms"`
	RevokedAtMS *int64 `gorm:"column:revoked_at_ms"`
	RankTenths  int
	RankedAtMS  int64 `gorm:"column:ranked_at_ms"`
	Linked      bool
}

// TableName is gorm's.
func (sessionRow) TableName() string { return "sessions" }

type codeRow struct {
	Channel       string `gorm:"primaryKey"`
	UserKey       string `gorm:"primaryKey"`
	CodeHMAC      digest `gorm:"column:code_hmac"`
	BrowserSHA256 digest `gorm:"column:browser_sha256"`
	CreatedAtMS   int64  `gorm:"column:created_at_ms"`
	ExpiresAtMS   int64  `gorm:"column:expires_at_ms"`
	Tries         int
}

// TableName is gorm's.
func (codeRow) TableName() string { return "login_codes" }

type auditRow struct {
	Channel string `gorm:"primaryKey"`
	AuditID int64  `gorm:"primaryKey;autoIncrement:false"`
	AtMS    int64  `gorm:"column:at_ms"`
	Actor   string
	Action  string
	Subject string
	Before  *string
	After   *string
	Undo    *string

	UndoneBy   *int64
	RequestKey *string
}

// TableName is gorm's.
func (auditRow) TableName() string { return "audit" }

type pluginRow struct {
	Plugin    string `gorm:"primaryKey"`
	Wanted    bool
	State     string
	Reason    string
	SHA256    string `gorm:"column:sha256"`
	Crashes   string
	RetryAtMS *int64 `gorm:"column:retry_at_ms"`
	Tail      string
}

// TableName is gorm's.
func (pluginRow) TableName() string { return "plugins" }
