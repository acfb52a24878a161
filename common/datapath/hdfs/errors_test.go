package hdfs

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"capricornus/common/datapath"
)

// said is an exception of a namenode.
type said struct{ class, message, code string }

func (s said) Method() string    { return "getFileInfo" }
func (s said) Desc() string      { return s.code }
func (s said) Exception() string { return s.class }
func (s said) Message() string   { return s.message }
func (s said) Error() string     { return "getFileInfo call failed with " + s.code + " (" + s.class + ")" }

func exception(class, message string) error {
	return &fs.PathError{Op: "stat", Path: "/a", Err: said{class, message, "ERROR_APPLICATION"}}
}

func TestWhatIsAnAnswer(t *testing.T) {
	tests := map[string]struct {
		err  error
		want bool
	}{
		"Nothing":               {&fs.PathError{Op: "stat", Path: "/a", Err: fs.ErrNotExist}, true},
		"Refused":               {&fs.PathError{Op: "stat", Path: "/a", Err: fs.ErrPermission}, true},
		"PathTooLong":           {exception("org.apache.hadoop.hdfs.protocol.FSLimitException$PathComponentTooLongException", "too long"), true},
		"UnknownOfThisPath":     {exception("java.lang.NullPointerException", ""), true},
		"Standby":               {exception("org.apache.hadoop.ipc.StandbyException", "standby"), false},
		"Retriable":             {exception("org.apache.hadoop.ipc.RetriableException", "starting"), false},
		"SafeMode":              {exception("org.apache.hadoop.hdfs.server.namenode.SafeModeException", "Name node is in safe mode"), false},
		"TokenExpired":          {exception("org.apache.hadoop.security.token.SecretManager$InvalidToken", "expired"), false},
		"NotAuthorised":         {exception("org.apache.hadoop.security.authorize.AuthorizationException", "no"), false},
		"OfTheConnection":       {said{"java.io.IOException", "no", "FATAL_INVALID_RPC_HEADER"}, false},
		"ConnectionEnded":       {&fs.PathError{Op: "stat", Path: "/a", Err: io.EOF}, false},
		"PermissionToSend":      {&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPERM)}, false},
		"UnexpectedSequence":    {errors.New("unexpected sequence number"), false},
		"TheUserIsUnknownAtAll": {errStranger, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := definite(test.err); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestReasonsAreStable(t *testing.T) {
	here, there := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 40001}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 2), Port: 8020}
	read := func(err error) error {
		return &net.OpError{Op: "read", Net: "tcp", Source: here, Addr: there, Err: err}
	}
	tests := map[string]struct {
		err  error
		want string
	}{
		"Timeout":    {&fs.PathError{Op: "stat", Path: "/a", Err: read(os.ErrDeadlineExceeded)}, "no answer within 10s"},
		"Refused":    {read(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "connection refused"},
		"Reset":      {read(os.NewSyscallError("read", syscall.ECONNRESET)), "it closed the connection"},
		"NoRoute":    {read(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "connect: no route to host"},
		"NoSuchHost": {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "nn1", Server: "10.0.0.9:53"}}, "no such host"},
		"TextOnly":   {errors.New("no available namenodes: " + read(errors.New("broken")).Error()), "read tcp 10.0.0.2:8020: broken"},
		"Exception":  {exception("org.apache.hadoop.ipc.RetriableException", "NameNode still not started\n\tat java…"), "RetriableException: NameNode still not started"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := reason(test.err, 10*time.Second); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFailedReads(t *testing.T) {
	c := newCluster(&access{Config: Config{Timeout: time.Second, Clients: 1, User: "me"}}, "hdfs://main", []string{"nn1:8020"}, func() {})
	tests := map[string]struct {
		err         error
		want        string
		unavailable bool
	}{
		"NoDatanode":   {errors.New("no available datanodes"), "hdfs://main does not answer: datanodes: no available datanodes", true},
		"Hanging":      {os.ErrDeadlineExceeded, "hdfs://main does not answer: datanodes: no answer within 1s", true},
		"Ended":        {io.ErrUnexpectedEOF, "hdfs://main does not answer: datanodes: it closed the connection", true},
		"ItSaysNo":     {errors.New("read failed: ERROR (replica not found)"), "hdfs://main does not answer: datanodes: read failed: ERROR (replica not found)", true},
		"DamagedData":  {errors.New("invalid checksum"), "read from datanodes: invalid checksum", false},
		"FileIsClosed": {said{"org.apache.hadoop.security.AccessControlException", "no", "ERROR_APPLICATION"}, "user me: permission denied", false},
		"FileWentAway": {said{"java.io.FileNotFoundException", "File does not exist: /a\n\tat java…", "ERROR_APPLICATION"}, "the namenode answers: FileNotFoundException: File does not exist: /a", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := c.broken(test.err)
			if got.Error() != test.want || datapath.Unavailable(got) != test.unavailable {
				t.Errorf("got %v, unavailable %v, want %s, %v", got, datapath.Unavailable(got), test.want, test.unavailable)
			}
		})
	}
}
