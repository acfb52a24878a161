package root

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"capricornus/common/store"
)

// rootLimit is what the column of roots takes, in bytes.
const rootLimit = 300

// hashMark stands before the hash of a text that was cut.
const hashMark = "…#"

// fit cuts a text that is too long for a root; the hash of all of it at the end
// keeps two of them apart.
func fit(root string) string {
	root = strings.ToValidUTF8(root, "\uFFFD")
	if len(root) <= rootLimit {
		return root
	}
	end := fmt.Sprintf("%s%016x", hashMark, store.PathHash(root))
	return start(root, rootLimit-len(end)) + end
}

// hashOf is the hash of the path that a root names, also of one that was cut.
func hashOf(root string) int64 {
	if at := strings.LastIndex(root, hashMark); at > 0 && len(root) > rootLimit-utf8.UTFMax {
		if hash, err := strconv.ParseInt(root[at+len(hashMark):], 16, 64); err == nil {
			return hash
		}
	}
	return store.PathHash(root)
}

// start keeps the first n bytes of a text, and no broken letter.
func start(text string, n int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// middle cuts a text in the middle to some letters: the ends of names tell them apart.
func middle(text string, letters int) string {
	if utf8.RuneCountInString(text) <= letters {
		return text
	}
	runes := []rune(text)
	head := max(letters, 2) / 2
	tail := max(letters, 2) - 1 - head
	return string(runes[:head]) + "…" + string(runes[len(runes)-tail:])
}
