package reference

import "github.com/prometheus/client_golang/prometheus"

var (
	failingSince = prometheus.NewDesc("postern_key_vault_reference_failing_since_timestamp_seconds",
		"Since when a key vault reference cannot be refreshed, in Unix time; absent while it can.", []string{"resource", "slot", "code"}, nil)
	referenceCount = prometheus.NewDesc("postern_key_vault_references", "Key vault references under watch.", nil, nil)
)

// Describe implements prometheus.Collector.
func (f *Refresher) Describe(ch chan<- *prometheus.Desc) {
	ch <- failingSince
	ch <- referenceCount
}

// Collect implements prometheus.Collector.
func (f *Refresher) Collect(ch chan<- prometheus.Metric) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(referenceCount, prometheus.GaugeValue, float64(len(f.items)))
	for _, i := range f.items {
		if i.status.Failed() {
			ch <- prometheus.MustNewConstMetric(failingSince, prometheus.GaugeValue, float64(i.status.Since.Unix()), i.use.Resource.String(), i.use.Slot, i.status.Code)
		}
	}
}
