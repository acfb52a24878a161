package rule

// Channel is a way to tell a person something (domain.md §10).
type Channel string

// The channels there are.
const (
	Phone   Channel = "phone"
	SMS     Channel = "sms"
	Mail    Channel = "mail"
	Webhook Channel = "webhook"
)
