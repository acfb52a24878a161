package text

import "net/url"

// pathPart is a name as one part of an address's path.
func pathPart(name string) string { return url.PathEscape(name) }

// button is a way into the console. It only opens a page: nothing is changed by
// following it, since mail programs follow links by themselves.
type button struct{ Label, Address string }

// buttons are the ways that a message offers.
func (w *writer) buttons() []button {
	if w.m.Link == "" || w.m.Purpose == PurposeTest {
		return nil
	}
	var out []button
	over := w.m.Purpose == PurposeRecovered
	if page := w.incident(); page != "" && over {
		out = append(out, button{w.of("事件", "Incident"), page})
	} else if page != "" {
		out = append(out, button{w.of("打开与确认", "Open and acknowledge"), page})
	}
	if a := w.single(); a != nil {
		if task, no, ok := batchOf(a); ok {
			batch := pathPart(task + "/" + no)
			out = append(out, button{w.of("批次", "Batch"), w.m.Link + "/batches/" + batch})
			if over {
				return out
			}
			out = append(out,
				button{w.of("日志", "Log"), w.m.Link + "/batches/" + batch + "?tab=log"},
				button{w.of("预览重跑", "Preview a rerun"), w.m.Link + "/operations/rerun/new?batch=" + url.QueryEscape(task+"/"+no)})
		}
	}
	return append(out, button{w.of("全部告警", "All alerts"), w.m.Link + "/alerts"})
}
