package collect

import (
	"encoding/json"
	"net/http"
)

// errorBody is what every error is answered with.
type errorBody struct {
	Status string      `json:"status"` // always error
	Error  string      `json:"error"`
	Fields FieldErrors `json:"fields,omitempty"` // what is wrong with which field
}

// writeError answers with a JSON error, and gives the status back.
func writeError(w http.ResponseWriter, code int, message string, fields FieldErrors) int {
	body, err := json.Marshal(errorBody{"error", message, fields})
	if err != nil { // texts alone
		panic(err)
	}
	writeJSON(w, code, body)
	return code
}

func writeJSON(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n'))
}

// getOnly answers anything but GET and HEAD with 405.
func getOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			writeError(w, http.StatusMethodNotAllowed, "expected GET", nil)
			return
		}
		h.ServeHTTP(w, r)
	})
}
