package master_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

// qualityService stands for the data-quality service of the simulated world. It
// is reached without any socket.
type qualityService struct {
	mu    sync.Mutex
	mood  string                       // "", silent, hangs, refuses or fails
	asked map[string]time.Time         // first, by batch
	reply func(q wire.QualityQuestion) // what it does about a question it has taken; nil: nothing
}

func newQualityService() *qualityService {
	return &qualityService{asked: map[string]time.Time{}}
}

// feels sets how it takes questions from now on.
func (q *qualityService) feels(mood string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.mood = mood
}

// RoundTrip implements http.RoundTripper for the masters.
func (q *qualityService) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	var question wire.QualityQuestion
	if err := json.NewDecoder(r.Body).Decode(&question); err != nil {
		return nil, err
	}
	q.mu.Lock()
	mood := q.mood
	if mood == "" || mood == "silent" {
		if q.asked[question.Batch].IsZero() {
			q.asked[question.Batch] = time.Now()
		}
	}
	reply := q.reply
	q.mu.Unlock()
	code := http.StatusAccepted
	switch mood {
	case "hangs":
		<-r.Context().Done()
		return nil, r.Context().Err()
	case "refuses":
		return nil, errNetwork
	case "fails":
		code = http.StatusInternalServerError
	case "":
		if reply != nil {
			reply(question)
		}
	}
	return &http.Response{StatusCode: code, Status: http.StatusText(code), Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{}, Request: r}, nil
}

// judges answers each question after a while: mostly that the batch may run,
// sometimes that it must not, and then, later, that it may.
func (s *story) judges(q wire.QualityQuestion) {
	delay := time.Duration(s.w.dice(90, "quality delay %s", q.Batch)) * time.Minute
	answer := wire.QualityRun
	if s.w.dice(5, "quality %s", q.Batch) == 0 {
		answer = wire.QualityBlock
		time.AfterFunc(delay+3*time.Hour, func() { s.later(q.Batch, wire.QualityRun) })
	}
	time.AfterFunc(delay+1300*time.Millisecond, func() { s.later(q.Batch, answer) })
}

// later hands an answer to the story, which gives it when it comes by: people
// and services take their time.
func (s *story) later(ref, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(s.pending, verdictOf{ref, answer})
}

// verdictOf is an answer on its way.
type verdictOf struct{ ref, answer string }

// delivers gives the answers that are on their way.
func (s *story) delivers() {
	s.mu.Lock()
	pending := s.pending
	s.mu.Unlock()
	for _, v := range pending {
		if s.person() == nil {
			return
		}
		s.answers(v.ref, v.answer)
		s.mu.Lock()
		s.pending = s.pending[1:]
		s.mu.Unlock()
	}
}

// answers gives one answer and notes what may start from now on.
func (s *story) answers(name, answer string) {
	s.t.Helper()
	ref, err := batch.ParseRef(name)
	s.must(err)
	client := s.person()
	if client == nil {
		return
	}
	reply, err := client.AnswerQuality(s.t.Context(), ref, wire.QualityAnswer{Answer: answer, Reason: "story"})
	if !s.may(err, fault.Conflict, fault.NotFound) || !reply.Changed {
		return
	}
	if answer == wire.QualityBlock {
		s.holds(name, "quality", 0)
		return
	}
	s.frees(name, "quality")
	if s.passed[name].IsZero() {
		s.passed[name] = time.Now()
	}
}

// pressesQuality answers everything before the gate at the end of the story.
func (s *story) pressesQuality() {
	s.t.Helper()
	for _, name := range s.column(`SELECT CONCAT(t.name, '/', w.workNo, '.', w.type) FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId
WHERE w.state = 0 AND w.gate = 'DQ_GATE' AND w.qualityState <> 2 ORDER BY w.id`) {
		s.answers(name, wire.QualityRun)
	}
}
