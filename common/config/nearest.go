package config

import "strings"

// Nearest returns the known word a mistyped one most likely stands for, or
// nothing when none is near. A dotted word that was written without its
// section, or in the wrong one, is near too.
func Nearest(word string, known []string) string {
	best, bestDistance := "", 1+max(1, len(word)/3)
	for _, candidate := range known {
		if d := distance(strings.ToLower(word), candidate); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	if best != "" {
		return best
	}
	last := word[strings.LastIndexByte(word, '.')+1:]
	for _, candidate := range known {
		if candidate == last || strings.HasSuffix(candidate, "."+last) {
			return candidate
		}
	}
	return ""
}

// distance counts the letters to insert, delete or replace, and the
// neighbours to swap, to make b of a.
func distance(a, b string) int {
	before, row, next := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+differ(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, make([]int, len(b)+1)
	}
	return row[len(b)]
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
