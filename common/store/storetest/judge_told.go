package storetest

import "fmt"

// untold is something of what people were told that does not fit together.
type untold struct {
	What    string `db:"what"`
	ID      int64  `db:"id"`
	Message int64  `db:"message"`
}

// pictureUntold lists deliveries without their message, alerts of messages that
// were sent and that do not say so, and failures that nobody was told of.
const pictureUntold = `SELECT 'is told by message %d, which is not there' AS what, d.alertId AS id, d.messageId AS message FROM capri_alert_delivery d
WHERE NOT EXISTS (SELECT 1 FROM capri_message m WHERE m.id = d.messageId)
UNION ALL SELECT 'was told by message %d, and does not say so', a.id, m.id FROM capri_message m JOIN capri_alert_delivery d ON d.messageId = m.id
JOIN capri_alert a ON a.id = d.alertId WHERE m.state = 1 AND a.deliveredAt = 0
UNION ALL SELECT 'was not told by message %d, which failed, and nobody hears of it', d.alertId, m.id FROM capri_message m JOIN capri_alert_delivery d ON d.messageId = m.id
JOIN capri_alert a ON a.id = d.alertId WHERE m.state = 2 AND a.kind <> 'send-failed'
AND NOT EXISTS (SELECT 1 FROM capri_alert f WHERE f.kind = 'send-failed' AND f.occurrence = CAST(m.id AS CHAR))
ORDER BY id, message LIMIT 1000`

// judgeTold: I10.
func judgeTold(p *picture, v *verdict) {
	for _, u := range p.untold {
		v.add("I10", fmt.Sprintf("alert %d", u.ID), u.What, u.Message)
	}
}
