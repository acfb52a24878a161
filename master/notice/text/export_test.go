package text

// Kinds are the codes of the table, with the levels that each is raised with.
func Kinds() map[string]string {
	out := map[string]string{}
	for code, k := range kinds() {
		out[code] = k.levels
	}
	return out
}
