package run

import (
	"context"
	"os"
	"os/user"
	"strings"
	"testing"
)

// someUsers stands for the user database of a host.
func someUsers(_ context.Context, name string) (*user.User, error) {
	ids := map[string]string{"etl": "1234", "toor": "0", "daemon": "1", "odd": "S-1-5"}
	uid, known := ids[name]
	if !known {
		return nil, user.UnknownUserError(name)
	}
	return &user.User{Username: name, Uid: uid, Gid: "1234", HomeDir: "/home/" + name}, nil
}

func TestResolveChoosesTheAccount(t *testing.T) {
	list := []string{"etl", "toor", "daemon", "odd", "gone", "root", "0"}
	asRoot := accounts{host: "w1", self: "root", root: true, allowed: list, lookup: someUsers}
	asCapri := accounts{host: "w1", self: "capri", allowed: list, lookup: someUsers}
	with := func(a accounts, standard string, ownUser bool) accounts {
		a.standard, a.ownUser = standard, ownUser
		return a
	}
	tests := map[string]struct {
		of      accounts
		name    string
		want    string // empty: the worker's own user
		refused string
	}{
		"NoAccountIsTheOwnUser":               {of: asCapri},
		"OwnNameIsTheOwnUser":                 {of: asCapri, name: "capri"},
		"OnlyRootChangesUsers":                {of: asCapri, name: "etl", refused: `the worker w1 runs as "capri" and cannot run scripts as "etl"`},
		"RootFromSomebodyElse":                {of: asCapri, name: "root", refused: `the worker w1 runs nothing as "root"`},
		"NotOnTheList":                        {of: asRoot, name: "nobody", refused: `its accounts are: etl, toor, daemon, odd, gone, root, 0`},
		"AnAccountOnTheList":                  {of: asRoot, name: "etl", want: "etl"},
		"RootNeverRunsAsItself":               {of: asRoot, refused: `the worker w1 is root and runs nothing as root: give the task an account, or the worker a default one (account:)`},
		"TheDefaultAccount":                   {of: with(asRoot, "etl", false), want: "etl"},
		"TheDefaultAccountComesFirst":         {of: with(asRoot, "etl", true), want: "etl"},
		"TheDefaultAccountCannotBeRoot":       {of: with(asRoot, "toor", true), refused: `is root on the worker w1`},
		"OwnUserWhenItIsSaidLoudly":           {of: with(asRoot, "", true)},
		"OwnUserDoesNotGrantRoot":             {of: with(asRoot, "", true), name: "root", refused: `runs nothing as "root"`},
		"RootByName":                          {of: asRoot, name: "root", refused: `runs nothing as "root"`},
		"RootByNumber":                        {of: asRoot, name: "0", refused: `not by a number`},
		"RootByOddNumber":                     {of: asRoot, name: "+00", refused: `not by a number`},
		"RootWithSpace":                       {of: asRoot, name: " root", refused: `is not the name of an account`},
		"AnyNumber":                           {of: asRoot, name: "1234", refused: `not by a number`},
		"RootUnderAnotherName":                {of: asRoot, name: "toor", refused: `the account "toor" is root on the worker w1`},
		"SystemUser":                          {of: asRoot, name: "daemon", refused: `the account "daemon" has user id 1 on the worker w1; scripts run only as users from 1000`},
		"IdsThatAreNone":                      {of: asRoot, name: "odd", refused: `which are no numbers`},
		"NoSuchAccount":                       {of: asRoot, name: "gone", refused: `the account "gone" does not exist on the host of the worker w1`},
		"OwnNameOfRootThatIsNotCalledRoot":    {of: accounts{host: "w1", self: "admin", root: true, allowed: list}, name: "admin", refused: `runs nothing as "admin"`},
		"NoListMeansNobody":                   {of: accounts{host: "w1", self: "root", root: true}, name: "etl", refused: `its accounts are: none`},
		"OwnUserOfAnUnprivilegedSystemWorker": {of: accounts{host: "w1", self: "daemon", lookup: someUsers}, name: "daemon"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			who, err := test.of.resolve(t.Context(), test.name)
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Fatalf("got %+v, %v, want refused: %s", who, err, test.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" && who != nil || test.want != "" && (who == nil || who.name != test.want || who.uid < lowestUID) {
				t.Errorf("got %+v, want %q", who, test.want)
			}
			if who != nil && who.credential().Groups == nil {
				t.Error("got supplementary groups left, want none")
			}
		})
	}
}

func TestLookupAsksTheDirectoryService(t *testing.T) {
	bin := t.TempDir()
	const service = "#!/bin/sh\n[ \"$2\" = remote_etl ] && echo 'remote_etl:*:5001:5002:Etl:/home/remote_etl:/bin/sh'\n"
	if err := os.WriteFile(bin+"/getent", []byte(service), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	found, err := lookup(t.Context(), "remote_etl")
	if err != nil || found.Uid != "5001" || found.Gid != "5002" || found.HomeDir != "/home/remote_etl" {
		t.Errorf("got %+v, %v, want the account of the service", found, err)
	}
	if found, err := lookup(t.Context(), "nobody_at_all"); err == nil {
		t.Errorf("got %+v, want no such account", found)
	}
	for _, line := range []string{"", "a:b\n", "a:*:1:1:x:/h:/bin/sh\nb:*:0:0:x:/:/bin/sh\n"} {
		if found := parseEntry(line); found != nil {
			t.Errorf("%q: got %+v, want nothing", line, found)
		}
	}
}
