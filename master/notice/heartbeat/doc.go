// Package heartbeat is the dead man's handle: while a leader can tell people of
// alerts, it calls an outside monitor, which rings when the calls stop.
package heartbeat
