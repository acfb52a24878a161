package master

import (
	"capricornus/common/wire"
	"capricornus/master/notice"
)

// noticed: an incident was acknowledged, a silence has begun or ended.
func (m *Master) noticed() { m.tell(wire.News{Duties: []string{notice.Duty}}) }
