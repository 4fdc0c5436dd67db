package collect

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"crypto/sha256"
	"crypto/subtle"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store"
)

// IngestPath is where events are posted to.
const IngestPath = "/api/v1/telemetry"

//go:embed openapi.yaml
var openAPI []byte

// Options configure a Server. Only Sink is required.
type Options struct {
	Sink           store.Sink     // takes the events
	Source         store.Source   // where the page's figures come from; nil if the sink's store cannot be read
	Key            string         // shared key expected in X-Telemetry-Key; empty for none
	NetworkKey     []byte         // of the hashes of senders' networks, which are kept; nil to keep none
	IP             IPMode         // what is kept of senders' addresses; IPDrop where empty
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	Rate, Burst    float64        // events a second a client may send in the long run, and at once; 0 for no limit
	Now            func() time.Time
	Log            *slog.Logger
	PageAge        time.Duration // how old the figures on the page may be; a minute where zero

	MaxConnections          int          // open at once; 0 for no bound
	MaxConnectionsPerClient int          // of one address, or IPv6 /64, that is no trusted proxy; 0 for no bound
	Metrics                 net.Listener // where Serve answers /metrics instead of beside the rest; nil for beside the rest
}

// Server is the endpoint as an http.Handler.
type Server struct {
	Options
	mux     *http.ServeMux
	limiter *limiter
	metrics *metrics
	figures *figures
	stop    context.CancelFunc // of the figures
	key     [sha256.Size]byte
}

// NewServer makes the endpoint.
func NewServer(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.IP == "" {
		o.IP = IPDrop
	}
	if o.PageAge == 0 {
		o.PageAge = time.Minute
	}
	s := &Server{
		Options: o, mux: http.NewServeMux(), limiter: newLimiter(o.Rate, o.Burst, o.Now), metrics: newMetrics(),
		figures: &figures{source: o.Source, now: o.Now, age: o.PageAge, log: o.Log}, key: sha256.Sum256([]byte(o.Key)),
	}
	s.figures.ctx, s.stop = context.WithCancel(context.Background())
	s.mux.HandleFunc(IngestPath, s.ingest)
	paths := map[string]http.Handler{
		"/{$}":          http.HandlerFunc(s.showPage),
		"/healthz":      http.HandlerFunc(s.health),
		"/readyz":       http.HandlerFunc(s.ready),
		"/metrics":      s.metrics.handler(),
		"/openapi.yaml": http.HandlerFunc(serveOpenAPI),
	}
	if o.Metrics != nil {
		delete(paths, "/metrics")
	}
	for path, handler := range paths {
		s.mux.Handle(path, getOnly(handler))
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusNotFound, "no such path: see /openapi.yaml", nil)
	})
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	if r.TLS != nil {
		header.Set("Strict-Transport-Security", "max-age=31536000")
	}
	s.mux.ServeHTTP(w, r)
}

// HTTPServer wraps the endpoint with limits on time and headers.
func (s *Server) HTTPServer() *http.Server { return s.httpServer(s) }

func (s *Server) httpServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}

// Serve answers on a listener until ctx ends, then lets requests under way finish for up to grace. certFile and keyFile
// are for TLS, or empty.
func (s *Server) Serve(ctx context.Context, listener net.Listener, certFile, keyFile string, grace time.Duration) error {
	server := s.HTTPServer()
	listener = s.bounded(listener)
	defer s.figures.wait() // whoever called closes the store next
	defer s.stop()
	s.figures.warm()
	failed := make(chan error, 2)
	if s.Metrics != nil {
		mux := http.NewServeMux()
		mux.Handle("/metrics", getOnly(s.metrics.handler()))
		beside := s.httpServer(mux)
		defer func() { _ = beside.Close() }()
		go func() {
			if err := beside.Serve(s.Metrics); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("metrics: %w", err)
			}
		}()
	}
	go func() {
		if certFile != "" {
			failed <- server.ServeTLS(listener, certFile, keyFile)
		} else {
			failed <- server.Serve(listener)
		}
	}()
	select {
	case err := <-failed:
		return errors.Join(err, server.Close())
	case <-ctx.Done():
	}
	graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(graceful)
	if serveErr := <-failed; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

func (s *Server) ingest(w http.ResponseWriter, r *http.Request) {
	code := s.take(w, r)
	s.metrics.requests.WithLabelValues(strconv.Itoa(code)).Inc()
}

// take handles one event and gives the status it answered with.
func (s *Server) take(w http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return writeError(w, http.StatusMethodNotAllowed, "expected POST", nil)
	}
	addr := clientAddr(r, s.TrustedProxies)
	if ok, wait := s.limiter.allow(addr); !ok {
		w.Header().Set("Retry-After", strconv.Itoa(wait))
		return writeError(w, http.StatusTooManyRequests, "too many events: wait as long as Retry-After says", nil)
	}
	if given := sha256.Sum256([]byte(r.Header.Get("X-Telemetry-Key"))); s.Key != "" &&
		subtle.ConstantTimeCompare(given[:], s.key[:]) != 1 {
		return writeError(w, http.StatusUnauthorized, "expected the shared key in X-Telemetry-Key", nil)
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return writeError(w, http.StatusUnsupportedMediaType, "expected Content-Type: application/json", nil)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBodyBytes))
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		return writeError(w, http.StatusRequestEntityTooLarge, "expected at most 65536 bytes", nil)
	}
	if err != nil {
		return writeError(w, http.StatusBadRequest, "the body could not be read", nil)
	}
	event, err := parseEvent(body)
	var fields FieldErrors
	if errors.As(err, &fields) {
		return writeError(w, http.StatusBadRequest, "invalid event: "+fields.Error(), fields)
	}
	if err != nil {
		return writeError(w, http.StatusBadRequest, err.Error(), nil)
	}
	event.ReceivedAt, event.IP = s.Now().UTC().Truncate(time.Microsecond), s.IP.keep(addr)
	event.Network = hashNetwork(s.NetworkKey, addr)
	return s.put(w, r, event)
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, event record.Record) int {
	began := time.Now()
	stored, err := s.Sink.Put(r.Context(), event)
	if err != nil {
		s.Log.Error("event not stored", "error", err)
		w.Header().Set("Retry-After", "60")
		return writeError(w, http.StatusServiceUnavailable, "the event could not be stored: send it again later", nil)
	}
	s.metrics.seconds.Observe(time.Since(began).Seconds())
	result := "repeat"
	if stored {
		result = "stored"
	}
	s.metrics.events.WithLabelValues(result).Inc()
	writeJSON(w, http.StatusCreated, []byte(`{"status":"success"}`))
	return http.StatusCreated
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, []byte(`{"status":"ok"}`))
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.Sink.Ready(r.Context()); err != nil {
		s.Log.Warn("not ready", "error", err)
		writeError(w, http.StatusServiceUnavailable, "the store is not ready", nil)
		return
	}
	writeJSON(w, http.StatusOK, []byte(`{"status":"ok"}`))
}

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(openAPI)
}
