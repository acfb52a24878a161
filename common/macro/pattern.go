package macro

import "strings"

// pattern reads up to and over }}. Spaces at its end do not count.
func (s *scanner) pattern() ([]token, error) {
	var tokens []token
	for {
		blanks := s.spaces()
		if strings.HasPrefix(s.text[s.at:], closing) {
			s.at += len(closing)
			return tokens, nil
		}
		if blanks != "" && len(tokens) > 0 {
			tokens = append(tokens, token{text: blanks})
		}
		tok, err := s.token()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, tok)
	}
}

// token reads date letters, quoted text, or one other character.
func (s *scanner) token() (token, error) {
	c := s.peek()
	switch {
	case s.atLineEnd():
		return token{}, s.unclosed()
	case c == '"', c == '\'':
		text, err := s.quoted()
		return token{text: text}, err
	case strings.HasPrefix(s.text[s.at:], opening):
		return token{}, s.fail(s.at, "a macro cannot stand inside another; write }} first, or quote the text: \"{{\"")
	case isLetter(c):
		return s.letters()
	}
	s.at++
	return token{text: s.text[s.at-1 : s.at]}, nil
}

// letters reads one run of date letters.
func (s *scanner) letters() (token, error) {
	for _, run := range [...]string{"yyyy", "MM", "dd", "HH", "mm", "ss"} {
		if strings.HasPrefix(s.text[s.at:], run) {
			s.at += len(run)
			return token{letters: run}, nil
		}
	}
	return token{}, s.fail(s.at, "%q is no date letter; write yyyy MM dd HH mm ss, and quote other text, for example yyyy\"y\"", s.text[s.at:s.at+1])
}

// quoted reads text in quotes of either kind; the other kind can stand in it.
func (s *scanner) quoted() (string, error) {
	from, quote := s.at, s.peek()
	length := strings.IndexByte(s.text[from+1:], quote)
	if length < 0 || strings.ContainsAny(s.text[from+1:from+1+length], "\r\n") {
		return "", s.fail(from, "the quote is not closed; write another %c on the same line", quote)
	}
	s.at = from + length + 2
	return s.text[from+1 : from+1+length], nil
}

// spaces reads blanks and returns them.
func (s *scanner) spaces() string {
	from := s.at
	for s.peek() == ' ' || s.peek() == '\t' {
		s.at++
	}
	return s.text[from:s.at]
}

// word reads a name.
func (s *scanner) word() string {
	from := s.at
	for c := s.peek(); isLetter(c) || isDigit(c) || c == '_'; c = s.peek() {
		s.at++
	}
	return s.text[from:s.at]
}

// atLineEnd tells whether no more of the line is left.
func (s *scanner) atLineEnd() bool {
	return s.at >= len(s.text) || s.text[s.at] == '\n' || s.text[s.at] == '\r'
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte { return s.peekAt(0) }

// peekAt returns the byte that is n further.
func (s *scanner) peekAt(n int) byte {
	if s.at+n >= len(s.text) {
		return 0
	}
	return s.text[s.at+n]
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// hasLetters tells whether a pattern prints anything of the date.
func hasLetters(tokens []token) bool {
	for _, tok := range tokens {
		if tok.letters != "" {
			return true
		}
	}
	return false
}
