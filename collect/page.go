package collect

import (
	_ "embed"
	"net/http"
	"strconv"
)

//go:embed page.html
var pageHTML string

// maxPageModels bounds the page.
const maxPageModels = 1000

// showPage is what people see at /.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	html, err := s.figures.page(r.Context())
	if err != nil {
		w.Header().Set("Retry-After", "60")
		writeError(w, http.StatusServiceUnavailable, "the events cannot be read now", nil)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(s.PageAge.Seconds())))
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(html)
}
