package emit

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// postTimeout is how long one event may take, from the connection to the last byte of the answer.
const postTimeout = 5 * time.Second

// answer is what became of one POST.
type answer int

const (
	answerStored  answer = iota // 200 or 201
	answerRefused               // 4xx: this event will never be taken
	answerLater                 // 408, 425, 429, 5xx, redirects, no answer at all: kept
)

type posted struct {
	answer     answer
	status     int // 0 if there was no answer
	reason     string
	retryAfter time.Duration
}

// defaultTransport verifies the server's certificate, honours the proxy settings of the environment, and speaks
// TLS 1.2 or newer.
func defaultTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: postTimeout, ForceAttemptHTTP2: true, MaxIdleConns: 1, IdleConnTimeout: postTimeout,
	}
}

func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport, Timeout: postTimeout,
		// A redirect could lead anywhere, also out of HTTPS: it is not followed.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post sends the bytes of one event.
func (s Sender) post(ctx context.Context, client *http.Client, body []byte) posted {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Endpoint, bytes.NewReader(body))
	if err != nil {
		return posted{answer: answerLater, reason: err.Error()}
	}
	req.Header = Headers(s.AppVersion)
	resp, err := client.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
			err = cause
		}
		return posted{answer: answerLater, reason: err.Error()}
	}
	// The connection can be used again only once the answer was read; a long one is not worth it.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	_ = resp.Body.Close()
	p := posted{status: resp.StatusCode, reason: fmt.Sprintf("the server answered %s", resp.Status)}
	switch code := resp.StatusCode; {
	case code == http.StatusOK || code == http.StatusCreated:
		p.answer = answerStored
	case code == http.StatusRequestTimeout || code == http.StatusTooEarly || code == http.StatusTooManyRequests:
		p.answer = answerLater
	case code >= 400 && code < 500:
		p.answer = answerRefused
	default:
		p.answer = answerLater
	}
	if p.answer == answerLater {
		p.retryAfter = parseRetryAfter(resp.Header, s.Now())
	}
	return p
}

// Headers are those that probe sets on a POST; nothing else about this machine is sent.
func Headers(appVersion string) http.Header {
	return http.Header{
		"Content-Type": {"application/json"}, "Accept": {"application/json"}, "User-Agent": {"probe/" + appVersion},
	}
}
