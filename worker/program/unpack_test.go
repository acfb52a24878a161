package program

import (
	"archive/tar"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestUnpack(t *testing.T) {
	long := strings.Repeat("long-", 30) + "name"
	program := []*tar.Header{
		special(tar.TypeXGlobalHeader, "pax_global_header"),
		withMode(special(tar.TypeDir, "./"), 0o777),
		withMode(special(tar.TypeDir, "./bin/"), 0o555),
		withMode(file("./bin/run.sh", "echo hello"), 0o6755),
		withMode(file("lib/deep/"+long, "x"), 0o600),
		link("bin/lib", "../lib/deep"),
		link("latest", "bin/run.sh"),
		hard("again.sh", "bin/run.sh"),
		file("twice", "first"), file("twice", "second"),
		link("turned", "twice"), file("turned", "a file"),
	}
	unpacked := []string{
		"-rw------- lib/deep/" + long + " x",
		"-rw-r--r-- turned a file",
		"-rw-r--r-- twice second",
		"-rwxr-xr-x again.sh echo hello",
		"-rwxr-xr-x bin/run.sh echo hello",
		"drwxr-xr-x bin",
		"drwxr-xr-x lib",
		"drwxr-xr-x lib/deep",
		"link bin/lib -> ../lib/deep",
		"link latest -> bin/run.sh",
	}
	zipWhole := zipOf(t,
		zipped{name: "bin/", mode: fs.ModeDir | 0o700},
		zipped{name: "bin/run.sh", mode: 0o755 | fs.ModeSetuid, content: "echo hello"},
		zipped{name: "latest", mode: fs.ModeSymlink | 0o777, content: "bin/run.sh"},
	)
	tests := map[string]struct {
		name string
		data []byte
		want []string
	}{
		"Tar":                 {"etl.bin", tarOf(t, program...), unpacked},
		"TarGz":               {"etl.tgz", gz(t, tarOf(t, program...)), unpacked},
		"TarByItsContent":     {"etl.zip", tarOf(t, file("a", "b")), []string{"-rw-r--r-- a b"}},
		"Zip":                 {"etl.zip", zipWhole, []string{"-rwxr-xr-x bin/run.sh echo hello", "drwx------ bin", "link latest -> bin/run.sh"}},
		"EmptyZip":            {"etl.zip", zipOf(t), nil},
		"Script":              {"clean.sh", []byte("#!/bin/sh\necho"), []string{"-rwxr-xr-x clean.sh #!/bin/sh\necho"}},
		"EmptyFile":           {"nothing", nil, []string{"-rwxr-xr-x nothing "}},
		"JarStaysWhole":       {"etl.JAR", zipOf(t), []string{"-rwxr-xr-x etl.JAR " + string(zipOf(t))}},
		"GzipOfNoArchive":     {"rows.gz", gz(t, []byte("1,2")), []string{"-rwxr-xr-x rows.gz " + string(gz(t, []byte("1,2")))}},
		"NoUnixModesInTheZip": {"win.zip", zipOf(t, zipped{name: "a.txt", mode: 0o666, content: "a"}), []string{"-rw-rw-rw- a.txt a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			outer, into := target(t)
			if err := packed(t, test.name, test.data).Unpack(into, within(1<<20), Own()); err != nil {
				t.Fatal(err)
			}
			if got := tree(t, outer+"/work"); !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestUnpackRefuses(t *testing.T) {
	deep := strings.Repeat("d/", maxDepth) + "d/x"
	whole := gz(t, tarOf(t, file("a", strings.Repeat("content ", 10_000))))
	spoiled := bytes.Clone(whole)
	spoiled[len(spoiled)-6] ^= 1 // in the checksum
	noisy := zipOf(t, zipped{name: "a", mode: 0o644, content: "content"})
	noisy[33] ^= 1 // in the content
	tests := map[string]struct {
		data []byte
		says string
	}{
		"AbsoluteName":         {tarOf(t, file("/etc/passwd", "x")), "absolute"},
		"NameThatLeadsOut":     {tarOf(t, file("../secret", "x")), "has a .. in it"},
		"NameThatLeadsBack":    {tarOf(t, file("a/../../secret", "x")), "has a .. in it"},
		"NameNotUTF8":          {tarOf(t, file("bad\xff", "x")), "not UTF-8"},
		"DeepName":             {tarOf(t, file(deep, "x")), "directories deep"},
		"Device":               {tarOf(t, special(tar.TypeChar, "null")), "device or a pipe"},
		"BlockDevice":          {tarOf(t, special(tar.TypeBlock, "disk")), "device or a pipe"},
		"Pipe":                 {tarOf(t, special(tar.TypeFifo, "pipe")), "device or a pipe"},
		"UnknownType":          {tarOf(t, special('V', "volume")), "no file, directory or link"},
		"AbsoluteLink":         {tarOf(t, link("a", "/etc/passwd")), "absolute path"},
		"LinkOut":              {tarOf(t, link("a", "../secret")), "leads out"},
		"DeepLinkOut":          {tarOf(t, link("a/b/c", "../../../secret")), "leads out"},
		"LinkOutByALink":       {tarOf(t, link("a", "."), link("b", "a/../secret")), "leads out"},
		"LinkToNothing":        {tarOf(t, link("a", "")), "leads nowhere"},
		"LinkNotUTF8":          {tarOf(t, link("a", "\xff")), "leads nowhere"},
		"FileThroughALink":     {tarOf(t, link("a", "b"), file("a/x", "x")), "as a directory and as something else"},
		"DirectoryOverALink":   {tarOf(t, link("a", "b"), special(tar.TypeDir, "a/")), "as a directory and as something else"},
		"LinkThroughALink":     {tarOf(t, special(tar.TypeDir, "a/b"), link("a/b/up", "../.."), link("a/b/up/x", "../../../secret")), "as a directory and as something else"},
		"FileOverADirectory":   {tarOf(t, special(tar.TypeDir, "a"), file("a", "x")), "twice"},
		"TheDirectoryItself":   {tarOf(t, file(".", "x")), "the directory itself"},
		"HardLinkOut":          {tarOf(t, hard("a", "../secret")), "has a .. in it"},
		"AbsoluteHardLink":     {tarOf(t, hard("a", "/etc/passwd")), "absolute"},
		"HardLinkToNothing":    {tarOf(t, hard("a", "b")), "no file that comes before"},
		"HardLinkToALink":      {tarOf(t, link("b", "c"), hard("a", "b")), "no file that comes before"},
		"HardLinkThroughALink": {tarOf(t, link("b", "."), hard("a", "b/x")), "as a directory and as something else"},
		"TooLarge":             {tarOf(t, file("a", strings.Repeat("x", 1001))), "too large: more than the limit"},
		"TooLargeTogether":     {tarOf(t, file("a", strings.Repeat("x", 600)), file("b", strings.Repeat("x", 600))), "too large: more than the limit"},
		"TooLargeByItself":     {bytes.Repeat([]byte("x"), 1001), "too large: more than the limit"},
		"CutOff":               {whole[:len(whole)/2], "damaged"},
		"TarCutOff":            {tarOf(t, file("a", strings.Repeat("x", 900)))[:1000], "damaged tar archive"},
		"WrongChecksum":        {spoiled, "damaged gzip file"},
		"BadGzip":              {[]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff}, "damaged gzip file"},
		"BadZip":               {append([]byte("PK\x03\x04"), make([]byte, 100)...), "damaged zip archive"},
		"WrongChecksumInZip":   {noisy, "damaged zip archive"},
		"ZipNameThatLeadsOut":  {zipOf(t, zipped{name: "../secret", mode: 0o644, content: "x"}), "has a .. in it"},
		"ZipAbsoluteName":      {zipOf(t, zipped{name: "/etc/passwd", mode: 0o644, content: "x"}), "absolute"},
		"ZipOfWindows":         {zipOf(t, zipped{name: `bin\run.sh`, mode: 0o644, content: "x"}), "with / between"},
		"ZipLinkOut":           {zipOf(t, zipped{name: "a", mode: fs.ModeSymlink | 0o777, content: "../secret"}), "leads out"},
		"ZipLongLink":          {zipOf(t, zipped{name: "a", mode: fs.ModeSymlink | 0o777, content: strings.Repeat("x", maxLink+1)}), "too long"},
		"ZipDevice":            {zipOf(t, zipped{name: "a", mode: fs.ModeDevice | 0o644}), "no file, directory or link"},
		"ZipSocket":            {zipOf(t, zipped{name: "a", mode: fs.ModeSocket | 0o644}), "no file, directory or link"},
		"ZipEncrypted":         {zipOf(t, zipped{name: "a", mode: 0o644, content: "x", flags: encrypted}), "encrypted"},
		"ZipTooLarge":          {zipOf(t, zipped{name: "a", mode: 0o644, content: strings.Repeat("x", 1001)}), "too large: more than the limit"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			outer, into := target(t)
			limit := int64(1000)
			if test.says[0] == 'd' { // damaged
				limit = 1 << 20
			}
			err := packed(t, "etl.tar.gz", test.data).Unpack(into, within(limit), Own())
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "file:///apps/etl.tar.gz") {
				t.Errorf("got %v, want an error with %q and the path", err, test.says)
			}
			if left := tree(t, outer); !slices.Equal(left, []string{"-rw------- secret untouched", "drwx------ work"}) {
				t.Errorf("got %q left, want nothing but what was there", left)
			}
		})
	}
}

// What an archive says of the length of its files is not believed.
func TestUnpackRefusesAZipThatLies(t *testing.T) {
	lying := zipOf(t, zipped{name: "a", mode: 0o644, content: strings.Repeat("x", 100_000)})
	at := bytes.Index(lying, []byte("PK\x01\x02"))
	copy(lying[at+24:], []byte{10, 0, 0, 0}) // uncompressed size in the list
	_, into := target(t)
	err := packed(t, "a.zip", lying).Unpack(into, within(1000), Own())
	if err == nil || !strings.Contains(err.Error(), "damaged zip archive") {
		t.Errorf("got %v, want it refused", err)
	}
}

func TestUnpackCountsEntries(t *testing.T) {
	for name, entries := range map[string][]*tar.Header{
		"Headers":              {special(tar.TypeXGlobalHeader, ""), special(tar.TypeXGlobalHeader, ""), file("a", "")},
		"TheSameDirectory":     {special(tar.TypeDir, "a"), special(tar.TypeDir, "a"), special(tar.TypeDir, "a")},
		"DirectoriesInBetween": {file("a/b/c", "")},
	} {
		t.Run(name, func(t *testing.T) {
			_, into := target(t)
			u := &unpacker{into: into, limit: within(1000), owner: Own(), dirs: map[string]fs.FileMode{}, entries: maxEntries - 2}
			err := u.tar(bytes.NewReader(tarOf(t, entries...)))
			if err == nil || !strings.Contains(err.Error(), "more than 200000 entries") {
				t.Errorf("got %v, want too many entries", err)
			}
		})
	}
}

// The list of a zip archive is in memory before anybody can count it.
func TestUnpackCountsTheListOfAZip(t *testing.T) {
	list := bytes.Repeat(append([]byte("PK\x01\x02"), make([]byte, 42)...), maxEntries+1)
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	for i := range 4 {
		end[12+i] = byte(len(list) >> (8 * i))
	}
	_, into := target(t)
	data := slices.Concat([]byte("PK\x03\x04"), make([]byte, 26), list, end)
	err := packed(t, "a.zip", data).Unpack(into, within(1<<30), Own())
	if err == nil || !strings.Contains(err.Error(), "more than 200000 entries") {
		t.Errorf("got %v, want too many entries", err)
	}
}

// Headers without end come out of a short gzip file.
func TestUnpackEndsAStreamOfNothing(t *testing.T) {
	reader := &bounded{from: endless{}, left: 1 << 20, says: "it is too large"}
	u := &unpacker{limit: within(1 << 20), owner: Own(), dirs: map[string]fs.FileMode{}}
	_, u.into = target(t)
	if err := u.tar(reader); err == nil {
		t.Error("got an end of what has none")
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	header := tarHeader()
	return copy(p, header), nil
}

// tarHeader is one block: a directory "a/".
func tarHeader() []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "a/", Mode: 0o755})
	_ = w.Flush()
	return out.Bytes()[:tarBlock]
}

func TestUnpackKeepsTimesOfFiles(t *testing.T) {
	at := time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC)
	dated, odd := file("dated", "x"), file("odd", "x")
	dated.ModTime, odd.ModTime = at, time.Unix(1<<40, 0)
	outer, into := target(t)
	if err := packed(t, "a.tar", tarOf(t, dated, odd)).Unpack(into, within(-1), Own()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(outer + "/work/dated"); err != nil || !info.ModTime().Equal(at) {
		t.Errorf("got %v, %v, want the time of the archive", info, err)
	}
	if info, err := os.Stat(outer + "/work/odd"); err != nil || time.Since(info.ModTime()) > time.Hour {
		t.Errorf("got %v, %v, want a time that can be none left out", info, err)
	}
}

func TestUnpackGivesToTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("only root can give files away; the worker refuses other accounts otherwise")
		return
	}
	data := tarOf(t, file("bin/run.sh", "x"), link("l", "bin/run.sh"), special(tar.TypeDir, "d"))
	for name, data := range map[string][]byte{"archive": data, "file": []byte("x")} {
		outer, into := target(t)
		if err := packed(t, name, data).Unpack(into, within(1000), Owner{UID: 1234, GID: 2345}); err != nil {
			t.Fatal(err)
		}
		err := filepath.WalkDir(outer+"/work", func(at string, e fs.DirEntry, err error) error {
			if err != nil || at == outer+"/work" {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			if uid, gid := ownerOf(info); uid != 1234 || gid != 2345 {
				t.Errorf("%s: got owner %d:%d, want 1234:2345", at, uid, gid)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
