package master

import (
	"capricornus/common/wire"
	"capricornus/master/notice"
)

// noticed: an incident was acknowledged, a silence has begun or ended.
func (m *Master) noticed() { m.tell(wire.News{Duties: []string{notice.Duty}}) }

// alerted: alerts were recorded. It is called where a transaction has ended, by
// whoever that is, and so does nothing but ring.
func (m *Master) alerted() {
	if m.term.Load() != nil {
		m.engine.Wake(notice.Duty)
		return
	}
	m.courier.post(wire.News{Duties: []string{notice.Duty}})
}
