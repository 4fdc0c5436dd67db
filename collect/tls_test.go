package collect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divinedevops/probe/collect/record"
)

// Over TLS, and down gracefully: the request under way is answered.
func TestServeTLSAndShutdown(t *testing.T) {
	t.Parallel()
	certFile, keyFile, pool := certificate(t)
	entered, finish := make(chan struct{}), make(chan struct{})
	s := NewServer(with(&slow{entered: entered, finish: finish}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener, certFile, keyFile, time.Minute) }()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	answered := make(chan int, 1)
	go func() {
		resp, err := client.Post("https://"+listener.Addr().String()+IngestPath, "application/json", strings.NewReader(minimal))
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		_ = resp.Body.Close()
		answered <- resp.StatusCode
	}()
	<-entered
	stop()
	close(finish)
	if code := <-answered; code != 201 {
		t.Errorf("the request under way got %d", code)
	}
	if err := <-served; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

// slow says when a record arrives, and stores it when told so.
type slow struct {
	memory
	entered, finish chan struct{}
}

func (s *slow) Put(ctx context.Context, r record.Record) (bool, error) {
	close(s.entered)
	<-s.finish
	return s.memory.Put(ctx, r)
}

func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(cert)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER), pool
}
