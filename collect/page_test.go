package collect

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/divinedevops/probe/collect/record"
)

// registration is an event of a client that measured a model.
func registration(client, model, pooling string) record.Record {
	return record.Record{HWID: client, EventName: record.ModelRegistration, Metadata: json.RawMessage(fmt.Sprintf(
		`{"model_name":%q,"embedding_dimension":384,"modalities":["text"],"load_success":true,"inference_success":true,"pooling":%q}`,
		model, pooling))}
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// Thousands of forged votes make a cell no longer than a few words.
func TestPageWithForgedVotes(t *testing.T) {
	t.Parallel()
	m := &memory{}
	for i := range 2000 {
		m.records = append(m.records, registration(fmt.Sprint("c", i), "acme/model", fmt.Sprintf("forged-%04d", i)))
	}
	html := get(NewServer(with(m)), "/").Body.String()
	if want := `<td class="split">forged-0000 (1), forged-0001 (1), forged-0002 (1), 1997 others</td>`; !strings.Contains(html, want) {
		t.Errorf("expected %s in a page of %d bytes", want, len(html))
	}
	if len(html) > 8<<10 {
		t.Errorf("the page has %d bytes", len(html))
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := NewServer(with(&memory{}))
	for path, want := range map[string]string{
		"/": "public, max-age=60", "/openapi.yaml": "public, max-age=3600", "/readyz": "no-store", "/metrics": "no-store", "/nowhere": "no-store",
	} {
		header := get(s, path).Header()
		if got := header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
		if header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: HSTS without TLS", path)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Header().Get("Strict-Transport-Security") != "max-age=31536000" {
		t.Errorf("HSTS %q", w.Header().Get("Strict-Transport-Security"))
	}
}
