// Package macro is the {{ … }} language of paths, scripts, parameters and
// third-party keys: parsed once when a task is saved, expanded for each batch.
// It is pure. Whatever can be wrong is an error of Parse; Expand never fails.
//
//	{{ anchor[.align][±N unit]… pattern }}    {{ biz.month_begin -1M yyyyMMdd }}
//	{{ shortcut[±N unit]… }}                  {{ biz_date -1d }}
//	{{ "text" }}                              {{ "{{" }}
//
// Anchors are schedule, biz and biz_end. The align comes first, then the
// offsets from left to right. Offsets in d, w, M and y move on the calendar
// and keep the clock time, months clamping to their last day; m and h are time
// that passes, so that biz_end -1h is inside the business interval also on the
// days the clocks change. A clock time that does not exist moves to the next
// valid instant.
package macro
