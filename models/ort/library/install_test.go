package library

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const member = "onnxruntime/capi/libonnxruntime.so.1.31.1"

// fakeWheel zips files; their order is that of the arguments, name and content in turn.
func fakeWheel(t *testing.T, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// install runs Install against a server that offers content as the wheel, pinned to exactly it; change alters that.
func install(t *testing.T, content []byte, change func(*InstallOptions, *http.ServeMux)) (Installed, string, error) {
	t.Helper()
	sum := sha256.Sum256(content)
	o := InstallOptions{Cache: t.TempDir(), Wheel: Wheel{
		OS: "linux", Arch: "amd64", Version: "1.31.1", File: "onnxruntime-1.31.1-test.whl", Size: int64(len(content)),
		SHA256: hex.EncodeToString(sum[:]), Library: member,
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("/simple/onnxruntime/", func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept"), "application/vnd.pypi.simple.v1+json") {
			t.Errorf("expected PEP 691's type to be asked for, found %q", r.Header.Get("Accept"))
		}
		w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json; charset=utf-8")
		fmt.Fprintf(w, `{"files":[{"filename":"onnxruntime-1.0-test.whl","url":"/other"},`+
			`{"filename":%q,"url":"../../files/the.whl"}]}`, o.Wheel.File)
	})
	mux.HandleFunc("/files/the.whl", func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write(content); err != nil {
			t.Log(err)
		}
	})
	outer := http.NewServeMux()
	server := httptest.NewServer(outer)
	t.Cleanup(server.Close)
	o.Index, o.Client = server.URL+"/simple", server.Client()
	if change != nil {
		change(&o, outer)
	}
	outer.Handle("/", mux)
	got, err := Install(t.Context(), o)
	return got, o.Cache, err
}

// left lists the files of a folder.
func left(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestInstall(t *testing.T) {
	t.Parallel()
	library := string(fakeELF(t, elf.EM_X86_64, "1.31.1"))
	wheel := fakeWheel(t, "onnxruntime/__init__.py", "print()", member, library, "../../../evil.so", "x", "/etc/evil", "x")
	var last, total int64
	var options InstallOptions
	got, cache, err := install(t, wheel, func(o *InstallOptions, _ *http.ServeMux) {
		o.Progress = func(d, of int64) { last, total = d, of }
		options = *o
	})
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(cache, "onnxruntime", "1.31.1", "libonnxruntime.so.1.31.1")
	if files := left(t, cache); got.Path != want || got.Present || len(files) != 1 || files[0] != want {
		t.Errorf("expected %s alone, found %+v and %v", want, got, files)
	}
	if content, err := os.ReadFile(want); err != nil || string(content) != library {
		t.Errorf("expected the library of the wheel (%v)", err)
	}
	if last != int64(len(wheel)) || total != last {
		t.Errorf("expected progress up to %d, found %d of %d", len(wheel), last, total)
	}
	// Once more, with nothing to fetch it from.
	options.Index = "http://127.0.0.1:1"
	if again, err := Install(t.Context(), options); err != nil || !again.Present || again.Path != want {
		t.Errorf("expected it to be there, found %+v (%v)", again, err)
	}
	// Find sees it.
	s := search(t.TempDir(), nil)
	s.Cache = cache
	if found, err := Find(s); err != nil || found.Path != want {
		t.Errorf("expected Find to see %s, found %+v (%v)", want, found, err)
	}
}

func TestInstallFromHTMLIndexBehindAPassword(t *testing.T) {
	t.Parallel()
	wheel := fakeWheel(t, member, string(fakeELF(t, elf.EM_X86_64, "1.31.1")))
	_, _, err := install(t, wheel, func(o *InstallOptions, mux *http.ServeMux) {
		secret := func(r *http.Request) bool { u, p, _ := r.BasicAuth(); return u == "me" && p == "secret" }
		mux.HandleFunc("/simple/onnxruntime/", func(w http.ResponseWriter, r *http.Request) {
			if !secret(r) {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<!DOCTYPE html><a href="/x">x</a><a class="f" href="/files/b/%s#sha256=0&amp;x">w</a>`, o.Wheel.File)
		})
		mux.HandleFunc("/files/b/", func(w http.ResponseWriter, r *http.Request) {
			if !secret(r) {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			if _, err := w.Write(wheel); err != nil {
				t.Error(err)
			}
		})
		o.Index = strings.Replace(o.Index, "://", "://me:secret@", 1)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestInstallRefuses(t *testing.T) {
	t.Parallel()
	good := string(fakeELF(t, elf.EM_X86_64, "1.31.1"))
	whole := fakeWheel(t, member, good)
	for name, test := range map[string]struct {
		wheel  []byte
		change func(*InstallOptions, *http.ServeMux)
		says   string
	}{
		"wrong hash": {whole, func(o *InstallOptions, _ *http.ServeMux) { o.Wheel.SHA256 = strings.Repeat("0", 64) },
			"expected SHA-256 0000"},
		"wrong size": {whole, func(o *InstallOptions, _ *http.ServeMux) { o.Wheel.Size-- }, "the server offers"},
		"endless": {whole, func(_ *InstallOptions, mux *http.ServeMux) {
			mux.HandleFunc("/files/the.whl", func(w http.ResponseWriter, _ *http.Request) {
				for range 100 { // chunked, so that no length is told ahead
					if _, err := w.Write(whole); err != nil {
						return
					}
					w.(http.Flusher).Flush()
				}
			})
		}, "nothing was installed"},
		"cut transfer": {whole, func(_ *InstallOptions, mux *http.ServeMux) {
			mux.HandleFunc("/files/the.whl", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
				if _, err := w.Write(whole[:len(whole)/2]); err != nil {
					t.Error(err)
				}
			})
		}, "broke off after"},
		"no such page": {whole, func(_ *InstallOptions, mux *http.ServeMux) {
			mux.Handle("/simple/onnxruntime/", http.NotFoundHandler())
		}, "404"},
		"no such file": {whole, func(_ *InstallOptions, mux *http.ServeMux) {
			mux.Handle("/files/the.whl", http.NotFoundHandler())
		}, "404"},
		"not listed":  {whole, func(o *InstallOptions, _ *http.ServeMux) { o.Wheel.File = "other.whl" }, ""},
		"not a URL":   {whole, func(o *InstallOptions, _ *http.ServeMux) { o.Index = "pypi" }, "PIP_INDEX_URL"},
		"not a zip":   {[]byte("<html>captive portal</html>"), nil, "zip"},
		"no library":  {fakeWheel(t, "a", "b"), nil, "expected the file"},
		"slip only":   {fakeWheel(t, "../"+member, good), nil, "expected the file"},
		"two":         {fakeWheel(t, member, good, member, good), nil, "found two"},
		"a folder":    {fakeWheel(t, member+"/", ""), nil, "expected the file"},
		"other lib":   {fakeWheel(t, member, string(fakeELF(t, elf.EM_AARCH64, "1.31.1"))), nil, "something else"},
		"old version": {fakeWheel(t, member, string(fakeELF(t, elf.EM_X86_64, "1.31.0"))), nil, "something else"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "not listed" {
				test.change, test.says = func(_ *InstallOptions, mux *http.ServeMux) {
					mux.HandleFunc("/simple/onnxruntime/", func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
						fmt.Fprint(w, `{"files":[]}`)
					})
				}, "does not list"
			}
			_, cache, err := install(t, test.wheel, test.change)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("expected an error that says %q, found %v", test.says, err)
			}
			if files := left(t, cache); len(files) > 0 {
				t.Errorf("expected nothing left behind, found %v", files)
			}
		})
	}
}

func TestInstallKeepsPasswordsToItself(t *testing.T) {
	t.Parallel()
	_, _, err := install(t, fakeWheel(t, "a", "b"), func(o *InstallOptions, mux *http.ServeMux) {
		mux.Handle("/simple/onnxruntime/", http.NotFoundHandler())
		o.Index = strings.Replace(o.Index, "://", "://me:secret@", 1)
	})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("expected an error without the password, found %v", err)
	}
}

func TestInstallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	_, err := Install(ctx, InstallOptions{Cache: t.TempDir(), Index: server.URL, Client: server.Client(), Wheel: wheels[0]})
	if err == nil || ctx.Err() == nil {
		t.Errorf("expected the context's end, found %v", err)
	}
}

func TestPinned(t *testing.T) {
	t.Parallel()
	for _, w := range wheels {
		sum, err := hex.DecodeString(w.SHA256)
		version, bad := ParseVersion(w.Version)
		if err != nil || len(sum) != sha256.Size || bad != nil || version.Compare(MinVersion) < 0 ||
			!strings.Contains(w.File, w.Version) || w.Size < 1<<20 {
			t.Errorf("expected a whole entry, found %+v", w)
		}
		if got, ok := Pinned(w.OS, w.Arch); !ok || got != w {
			t.Errorf("expected %s/%s once, found %+v", w.OS, w.Arch, got)
		}
	}
	if _, ok := Pinned("plan9", "386"); ok {
		t.Error("expected no wheel for plan9")
	}
}

func TestCacheDir(t *testing.T) {
	t.Parallel()
	dir, err := CacheDir(func(name string) string { return map[string]string{"PROBE_CACHE": "/c"}[name] })
	if err != nil || dir != "/c" {
		t.Errorf("expected PROBE_CACHE, found %s (%v)", dir, err)
	}
}
