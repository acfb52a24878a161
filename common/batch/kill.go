package batch

// KilledBy is the sentence that a killed batch keeps: who ended it, and why.
func KilledBy(who, reason string) string {
	if reason == "" {
		return "killed by " + who
	}
	return "killed by " + who + ": " + reason
}
