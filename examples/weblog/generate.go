package weblog

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// WriteLog writes an access log in Apache's combined format of the requests
// between from and to, to not included, in the order of time: about two thousand
// lines a day, with a daily rhythm and quieter weekends. Every hour depends on
// the seed and itself only, so a log written in pieces is the log written at once.
func WriteLog(w io.Writer, from, to time.Time, seed uint64) error {
	out := bufio.NewWriter(w)
	for hour := from.UTC().Truncate(time.Hour); hour.Before(to); hour = hour.Add(time.Hour) {
		for _, r := range requestsOf(hour, seed) {
			if r.at.Before(from) || !r.at.Before(to) {
				continue
			}
			if _, err := out.WriteString(r.line()); err != nil {
				return fmt.Errorf("write the generated log: %w", err)
			}
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the generated log: %w", err)
	}
	return nil
}

// request is one line of the log.
type request struct {
	at      time.Time
	host    string
	method  string
	url     string
	status  int
	bytes   int
	referer string
	agent   string
}

func (r request) line() string {
	size := "-"
	if r.bytes > 0 {
		size = fmt.Sprint(r.bytes)
	}
	return fmt.Sprintf("%s - - [%s] \"%s %s HTTP/1.1\" %d %s \"%s\" \"%s\"\n",
		r.host, r.at.Format("02/Jan/2006:15:04:05 -0700"), r.method, r.url, r.status, size, r.referer, r.agent)
}

// page is something to ask for; more weight is asked for more often.
type page struct {
	url    string
	bytes  int
	weight int
}

// requestsOf makes the requests of one hour.
func requestsOf(hour time.Time, seed uint64) []request {
	//nolint:gosec // a reproducible log is the purpose, not secrecy
	random := rand.New(rand.NewPCG(seed, uint64(hour.Unix())))
	seconds := make([]int, perHour(hour, random))
	for i := range seconds {
		seconds[i] = random.IntN(3600)
	}
	slices.Sort(seconds)
	requests := make([]request, len(seconds))
	for i, second := range seconds {
		requests[i] = newRequest(hour.Add(time.Duration(second)*time.Second), random)
	}
	return requests
}

// perHour is the number of requests in an hour: a wave over the day with its
// crest at 15:00 UTC, less on weekends, and some noise.
func perHour(hour time.Time, random *rand.Rand) int {
	wave := math.Cos(float64(hour.Hour()-15) / 24 * 2 * math.Pi)
	rate := 95 + 40*wave
	if day := hour.Weekday(); day == time.Saturday || day == time.Sunday {
		rate *= 0.75
	}
	return int(rate) + random.IntN(11) - 5
}

func newRequest(at time.Time, random *rand.Rand) request {
	host, agent := visitor(at, random)
	pages := sitePages()
	asked := pick(pages, random)
	r := request{
		at: at, host: host, method: "GET", url: asked.url, status: 200,
		bytes: asked.bytes + random.IntN(asked.bytes/8+1), referer: "-", agent: agent,
	}
	if random.IntN(3) > 0 {
		r.referer = "http://www.example.org" + pick(pages, random).url
	}
	switch chance := random.IntN(1000); {
	case chance < 30:
		r.url, r.status, r.bytes = fmt.Sprintf("/archive/%d.html", random.IntN(500)), 404, 335
	case chance < 75:
		r.status, r.bytes = 304, 0
	case chance < 90:
		r.status, r.bytes = 301, 324
	case chance < 93:
		r.status, r.bytes = 500, 613
	case chance < 105:
		r.method, r.url, r.bytes = "POST", "/search", 2048
	case chance < 135:
		r.status, r.bytes = 206, r.bytes/2
	}
	return r
}

// visitor draws one of the day's few hundred visitors; the lower numbers come
// more often. A visitor keeps the agent for as long as the address.
func visitor(at time.Time, random *rand.Rand) (host, agent string) {
	share := random.Float64()
	number := int(share * share * 400)
	if number > 40 { // regular visitors return every day, the others are new ones
		number += 400 * (at.YearDay() + 366*at.Year())
	}
	mixed := uint32(number) * 2654435761 //nolint:gosec // wrapping round is the purpose: it scatters the numbers
	host = fmt.Sprintf("203.%d.%d.%d", mixed>>24, mixed>>16&0xff, 1+mixed>>8&0x7f)
	agents := siteAgents()
	return host, agents[int(mixed>>4)%len(agents)]
}

// pick draws a page by weight.
func pick(pages []page, random *rand.Rand) page {
	total := 0
	for _, p := range pages {
		total += p.weight
	}
	at := random.IntN(total)
	for _, p := range pages {
		if at -= p.weight; at < 0 {
			return p
		}
	}
	return pages[0]
}

// sitePages is the site, most wanted first.
func sitePages() []page {
	return []page{
		{"/", 9215, 120},
		{"/favicon.ico", 3638, 90},
		{"/style.css", 4877, 85},
		{"/images/logo.png", 13102, 80},
		{"/articles/dns-by-example.html", 22517, 40},
		{"/articles/batch-windows.html", 31804, 36},
		{"/robots.txt", 214, 32},
		{"/feed.xml?format=atom", 41270, 30},
		{"/images/diagram-1.svg", 18745, 24},
		{"/projects/", 7311, 22},
		{"/projects/keynav/", 9880, 18},
		{"/downloads/keynav-1.2.tar.gz", 78230, 8},
		{"/articles/?page=2", 11906, 8},
		{"/about.html", 3120, 7},
		{"/videos/talk-2014.mp4", 8126464, 1},
	}
}

// siteAgents are the browsers and robots that come.
func siteAgents() []string {
	return []string{
		"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.107 Safari/537.36",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36",
		"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:26.0) Gecko/20100101 Firefox/26.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 7_0_4 like Mac OS X) AppleWebKit/537.51.1 (KHTML, like Gecko) Version/7.0 Mobile/11B554a Safari/9537.53",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
		"Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)",
	}
}
