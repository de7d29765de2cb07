package app

import (
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/postern-gateway/postern/internal/devca"
)

// ops answers health, readiness, metrics and the development CRL.
type ops struct {
	ready    atomic.Bool
	registry *prometheus.Registry
	ca       *devca.CA
	// stale, if not empty, says why the gateway runs an older configuration than the store holds.
	stale func() string
}

func newOps(ca *devca.CA, b *builder) *ops {
	o := &ops{registry: prometheus.NewRegistry(), ca: ca, stale: b.stale}
	o.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "postern_snapshot_revision", Help: "Store revision that the gateway runs."},
			func() float64 { return float64(b.revision()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "postern_snapshot_stale", Help: "1 while the newest configuration cannot be run and an older one is."},
			func() float64 {
				if b.stale() != "" {
					return 1
				}
				return 0
			}))
	return o
}

func (o *ops) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !o.ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		if why := o.stale(); why != "" { // ready all the same: the last good configuration is served
			fmt.Fprintln(w, "ready, with an older configuration:", why)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET "+devca.CRLPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pkix-crl")
		_, _ = w.Write(o.ca.CRL()) // the client may have gone
	})
	return mux
}
