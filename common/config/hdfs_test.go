package config

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// kerberised is a configuration with everything that Kerberos wants.
func kerberised(h *HDFS) {
	h.Namenodes = []string{"nn1:8020", "nn2:8020"}
	h.Kerberos.Principal, h.Kerberos.Keytab = "capri@EXAMPLE.COM", "/etc/capri/capri.keytab"
}

func TestHDFSIsChecked(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*HDFS)
		want   string // empty: it is good
	}{
		{"None", func(*HDFS) {}, ""},
		{"OneNamenode", func(h *HDFS) { h.Namenodes = []string{"nn1:8020"} }, ""},
		{"TwoNamenodesWithAName", func(h *HDFS) { h.Namenodes, h.Nameservice = []string{"nn1:8020", "[::1]:8020"}, "prod" }, ""},
		{"AnotherAlone", func(h *HDFS) { h.Others = map[string]string{"lake": "nn3:8020  nn4:8020"} }, ""},
		{"Kerberos", kerberised, ""},
		{"KerberosOfOneHost", func(h *HDFS) { kerberised(h); h.Kerberos.Service = "hdfs/nn.example.com" }, ""},
		{"Protection", func(h *HDFS) { kerberised(h); h.Protection = "privacy" }, ""},
		{"NamenodeAsURL", func(h *HDFS) { h.Namenodes = []string{"hdfs://nn1:8020"} }, `hdfs.namenodes: "hdfs://nn1:8020" is not the address of a namenode: write host:port, for example nn1:8020`},
		{"NamenodeWithoutPort", func(h *HDFS) { h.Namenodes = []string{"nn1"} }, `hdfs.namenodes: "nn1" is not`},
		{"NamenodeOfPortZero", func(h *HDFS) { h.Namenodes = []string{"nn1:0"} }, `hdfs.namenodes: "nn1:0" is not`},
		{"NameThatIsNone", func(h *HDFS) { h.Namenodes, h.Nameservice = []string{"nn1:8020"}, "hdfs://prod" }, `hdfs.nameservice: "hdfs://prod" is not a name`},
		{"AnotherWithoutNamenodes", func(h *HDFS) { h.Others = map[string]string{"lake": " "} }, `hdfs.others: "lake" has no namenodes`},
		{"AnotherWithABadOne", func(h *HDFS) { h.Others = map[string]string{"lake": "nn3:8020 nn4"} }, `hdfs.others: "nn4" is not the address of a namenode`},
		{"AnotherWithoutAName", func(h *HDFS) { h.Others = map[string]string{"a b": "nn3:8020"} }, `hdfs.others: "a b" is not a name`},
		{
			"OneNameTwice",
			func(h *HDFS) {
				h.Namenodes, h.Nameservice, h.Others = []string{"nn1:8020"}, "prod", map[string]string{"prod": "nn3:8020"}
			},
			`hdfs.others: "prod" is hdfs.nameservice already`,
		},
		{"TimeoutOfNothing", func(h *HDFS) { h.Timeout = 0 }, "hdfs.timeout: 0s is out of bounds"},
		{"TimeoutOfAnHour", func(h *HDFS) { h.Timeout = time.Hour }, "hdfs.timeout: 1h0m0s is out of bounds"},
		{"NoClients", func(h *HDFS) { h.Clients = 0 }, "hdfs.clients: 0 is out of bounds"},
		{"TooManyClients", func(h *HDFS) { h.Clients = 257 }, "hdfs.clients: 257 is out of bounds"},
		{"UnknownProtection", func(h *HDFS) { h.Protection = "secret" }, "hdfs.protection: "},
		{"KeytabWithoutPrincipal", func(h *HDFS) { h.Kerberos.Keytab = "/k" }, "hdfs.kerberos.principal: is missing, though there is a keytab"},
		{"PrincipalWithoutKeytab", func(h *HDFS) { kerberised(h); h.Kerberos.Keytab = "" }, "hdfs.kerberos.keytab: is missing"},
		{"PrincipalWithoutRealm", func(h *HDFS) { kerberised(h); h.Kerberos.Principal = "capri" }, `hdfs.kerberos.principal: "capri" is not a principal`},
		{"PrincipalOfTwoRealms", func(h *HDFS) { kerberised(h); h.Kerberos.Principal = "capri@A@B" }, `hdfs.kerberos.principal: "capri@A@B" is not`},
		{"KerberosWithoutConfig", func(h *HDFS) { kerberised(h); h.Kerberos.Config = "" }, "hdfs.kerberos.config: is missing"},
		{"ServiceWithRealm", func(h *HDFS) { kerberised(h); h.Kerberos.Service = "nn/_HOST@EXAMPLE.COM" }, "write it without its realm"},
		{"ServiceWithoutHost", func(h *HDFS) { kerberised(h); h.Kerberos.Service = "nn" }, `hdfs.kerberos.service: "nn" is not a service`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := defaultHDFS()
			test.change(&h)
			var p InvalidError
			h.validate(&p)
			err := p.err()
			if test.want == "" && err != nil {
				t.Errorf("got %v, want nothing wrong", err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || len(p) != 1) {
				t.Errorf("got %v, want one problem, %s", err, test.want)
			}
		})
	}
}

func TestHDFSOfMasterWorkerAndDevIsChecked(t *testing.T) {
	m, w, d := DefaultMaster(), DefaultWorker(), DefaultDev()
	m.HDFS.Namenodes, w.HDFS.Namenodes, d.Namenodes = []string{"x"}, []string{"x"}, []string{"x"}
	for name, err := range map[string]error{"master": m.Validate(), "worker": w.Validate(), "dev": d.Validate()} {
		if err == nil || !strings.Contains(err.Error(), `namenodes: "x" is not the address of a namenode`) {
			t.Errorf("got %v of the %s, want that x is no namenode", err, name)
		}
	}
}

func TestOtherNamenodesAreSeparatedByBlanks(t *testing.T) {
	h := HDFS{Others: map[string]string{"lake": " nn3:8020 nn4:8020", "old": "nn5:8020"}}
	got := h.OtherNamenodes()
	want := map[string][]string{"lake": {"nn3:8020", "nn4:8020"}, "old": {"nn5:8020"}}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
}
