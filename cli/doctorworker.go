package cli

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"capricornus/common/config"
	"capricornus/common/tlsfile"
	"capricornus/common/wire"
	"capricornus/worker/vitals"
)

// workerExams looks at a worker from its own machine.
func (d *doctor) workerExams() []examination {
	cfg, err := config.LoadWorker(config.Source{File: d.file, Environ: d.app.environ})
	if err != nil {
		return []examination{{"configuration", func(context.Context) []finding { return badConfig(err) }}}
	}
	w := &workerDoctor{doctor: d, cfg: cfg, trust: trusting(cfg.CA)}
	return []examination{
		{"configuration", func(context.Context) []finding { return w.files() }},
		{"masters", w.masters},
		{"root", func(context.Context) []finding { return judgeDirectory(lookAt(cfg.Root)) }},
		{"host", func(context.Context) []finding { return w.host() }},
		{"accounts", func(context.Context) []finding { return w.accounts() }},
		{"ports", w.ports},
		{"cluster", w.cluster},
		{"hdfs", func(ctx context.Context) []finding { return lookAtHDFS(ctx, &cfg.HDFS) }},
	}
}

// workerDoctor is what the examinations of a worker share.
type workerDoctor struct {
	*doctor
	cfg   config.Worker
	trust *tls.Config // of the masters; nil: what the system trusts
}

func (w *workerDoctor) files() []finding {
	_, err := config.ReadSecret(w.cfg.TokenFile)
	found := []finding{
		fine("valid", "%s: worker %s, %s, logs at %s", w.file, w.cfg.Host, plural(w.cfg.Slots, "slot"), w.cfg.Advertise),
		judgeSecret("token_file", w.cfg.TokenFile, err),
	}
	if w.cfg.CA != "" {
		if _, err := tlsfile.ReadCA(w.cfg.CA); err != nil {
			found = append(found, failedBy("tls.ca", err))
		} else {
			found = append(found, fine("tls.ca", "%s", w.cfg.CA))
		}
	}
	if keytab := w.cfg.HDFS.Kerberos.Keytab; keytab != "" {
		_, err := config.ReadSecret(keytab)
		found = append(found, judgeSecret("keytab", keytab, err))
	}
	return found
}

// masters asks each whether it is ready, and whether it takes the token: a
// report of nothing changes nothing.
func (w *workerDoctor) masters(ctx context.Context) []finding {
	token, _ := config.ReadSecret(w.cfg.TokenFile) // said of the file
	found := make([][]finding, len(w.cfg.Masters))
	var asking sync.WaitGroup
	for i, address := range w.cfg.Masters {
		asking.Go(func() {
			address = strings.TrimSuffix(address, "/")
			p := w.readPage(ctx, address+"/readyz", w.trust)
			found[i] = judgeMasterPage("ready", p)
			if p.err == nil && token != "" {
				found[i] = append(found[i], judgeToken(address, w.report(ctx, address, token)))
			}
		})
	}
	asking.Wait()
	var all []finding
	silent := 0
	for _, some := range found {
		if len(some) > 0 && some[0].Verdict == verdictFail {
			silent++
			some[0].Verdict = verdictWarn // the others do, unless there is none
		}
		all = append(all, some...)
	}
	if silent == len(w.cfg.Masters) {
		all = append(all, failed("reachable", "no master answers").todo("see that masters names them as workers reach them, and that the way is open"))
	}
	return all
}

// report tells a master nothing, with the worker's token.
func (w *workerDoctor) report(ctx context.Context, address string, token config.Secret) error {
	ctx, cancel := context.WithTimeout(ctx, netPause)
	defer cancel()
	client := wire.WorkerClient{
		HTTP:  &http.Client{Transport: &http.Transport{TLSClientConfig: w.trust, DisableKeepAlives: true}},
		Token: token.Reveal(), Masters: []string{address},
	}
	_, err := client.Facts(ctx, nil)
	return err
}

func judgeToken(address string, err error) finding {
	if err != nil {
		return failedBy("token", err)
	}
	return fine("token", "%s takes it as a worker's", address)
}

// host compares the limits with what this machine has.
func (w *workerDoctor) host() []finding {
	root := w.cfg.Root
	for _, err := os.Stat(root); err != nil && root != "/"; _, err = os.Stat(root) {
		root = filepath.Dir(root)
	}
	have, err := vitals.NewHost(root).Read()
	if err != nil {
		return []finding{failed("vitals", "%s", err)}
	}
	controllers, _ := os.ReadFile("/sys/fs/cgroup/cgroup.controllers") // not there: no cgroups of version 2
	return append(judgeLimits(w.cfg.Limits, have), judgeCgroups(w.cfg.Cgroups, os.Geteuid() == 0, string(controllers)))
}

// ports is where logs are served.
func (w *workerDoctor) ports(ctx context.Context) []finding {
	p := tryPort(ctx, w.cfg.Listen)
	if p.err != nil {
		if answer := w.readPage(ctx, "http://"+loopback(w.cfg.Listen)+"/", nil); answer.err == nil && answer.status == http.StatusUnauthorized || answer.status == http.StatusForbidden || answer.status == http.StatusNotFound {
			p.answer = "a worker serves logs there, as it seems"
		}
	}
	return []finding{judgePort("listen", p)}
}

// cluster looks for another worker of the same name, when there is a token of a
// person to ask with.
func (w *workerDoctor) cluster(ctx context.Context) []finding {
	for _, address := range w.cfg.Masters {
		c, ok := w.person(strings.TrimSuffix(address, "/"), w.trust)
		if !ok {
			continue
		}
		list, err := c.Hosts(ctx)
		if err != nil {
			continue
		}
		found := []finding{judgeName(w.cfg.Host, incarnationOf(w.cfg.Root), list.Items)}
		if status, err := c.Status(ctx); err == nil {
			found = append(found, judgeLeader(status))
		}
		return found
	}
	return []finding{worry("name", "no master was asked whether another worker is called %s: there is no token of a person", w.cfg.Host).todo("give --token-file FILE or CAPRI_TOKEN")}
}

func judgeLeader(s wire.Status) finding {
	if s.Leader == "" {
		return worry("leader", "nobody leads: nothing is handed out")
	}
	return fine("leader", "%s leads", s.Leader)
}

// incarnationOf is which life of a root this is; empty: none yet.
func incarnationOf(root string) string {
	text, err := os.ReadFile(filepath.Join(root, "identity.json"))
	if err != nil {
		return ""
	}
	var id struct {
		Incarnation string `json:"incarnation"`
	}
	_ = json.Unmarshal(text, &id) // not understood: as good as none
	return id.Incarnation
}

// judgeName looks for a live worker of that name with another root.
func judgeName(host, incarnation string, hosts []wire.Host) finding {
	for _, h := range hosts {
		switch {
		case h.Host != host:
			continue
		case !h.Alive:
			return fine("name", "%s is known, and silent at the moment", host)
		case h.Incarnation != incarnation:
			return failed("name", "another worker, at %s, is called %s", h.Address, host).todo("give one of them another host in its configuration: two of one name take each other's work")
		}
		return fine("name", "%s runs, with this root", host)
	}
	return fine("name", "nobody else is called %s", host)
}
