package expiry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/postern-gateway/postern/internal/event"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
)

var end = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// scene is a watcher with a clock.
type scene struct {
	*Watcher
	now    time.Time
	items  []Item
	fails  error
	mu     sync.Mutex
	events []event.Event
}

func newScene(st store.Store, items ...Item) *scene {
	s := &scene{now: end.AddDate(0, 0, -100), items: items}
	s.Watcher = New(Options{
		Sources: []func(context.Context) ([]Item, error){func(context.Context) ([]Item, error) { return s.items, s.fails }},
		Store:   st, Now: func() time.Time { return s.now },
		Publish: func(e event.Event) { s.mu.Lock(); s.events = append(s.events, e); s.mu.Unlock() },
	})
	return s
}

// at looks so many days before the end and returns what was told, as "type threshold".
func (s *scene) at(days float64) []string {
	s.now = end.Add(-time.Duration(days * 24 * float64(time.Hour)))
	s.events = nil
	s.Look(context.Background())
	told := []string{}
	for _, e := range s.events {
		told = append(told, fmt.Sprint(strings.TrimPrefix(e.Type, "Postern."), " ", e.Data["threshold"]))
	}
	return told
}

func client(inUse bool) Item {
	return Item{Kind: Client, ID: "/certificates/c", Name: "c", Subject: "CN=c", Thumbprint: "AB", NotAfter: end, InUse: inUse}
}

func TestEachThresholdIsToldOnce(t *testing.T) {
	s := newScene(memstore.New(), client(false))
	for _, step := range []struct {
		days float64
		want string
	}{
		{100, ""}, {60.1, ""}, {60, "NearExpiry 60"}, {59, ""}, {30, "NearExpiry 30"}, {29, ""}, {13, "NearExpiry 14"}, {7, "NearExpiry 7"},
		{6, ""}, {1, "NearExpiry 1"}, {0.5, ""}, {0, "Expired 0"}, {-10, ""},
	} {
		if got := strings.Join(s.at(step.days), ","); got != step.want {
			t.Errorf("%v days before: told %q, want %q", step.days, got, step.want)
		}
	}
}

func TestLateAndAgain(t *testing.T) {
	st := memstore.New()
	s := newScene(st, client(true))
	if got := s.at(5); !slices.Equal(got, []string{"NearExpiry 7"}) {
		t.Errorf("first seen 5 days before: told %v; want the tightest alone", got)
	}
	if got := newScene(st, client(true)).at(5); len(got) != 0 {
		t.Errorf("another process tells again: %v", got)
	}
	renewed := client(true)
	renewed.NotAfter, renewed.Thumbprint = end.AddDate(1, 0, 0), "CD"
	s.items = []Item{renewed}
	if got := s.at(4); len(got) != 0 {
		t.Errorf("a renewed certificate: told %v", got)
	}
	if entries, _, _ := st.List(context.Background(), prefix); len(entries) != 0 {
		t.Errorf("%d marks are left of what is no more", len(entries))
	}
	s.items, s.fails = nil, errors.New("the vault is away")
	s.at(3)
	s.items, s.fails = []Item{client(true)}, nil
	if got := s.at(3); !slices.Equal(got, []string{"NearExpiry 7"}) {
		t.Errorf("the old one again: told %v", got)
	}
	s.items, s.fails = nil, errors.New("the vault is away")
	s.at(3)
	if entries, _, _ := st.List(context.Background(), prefix); len(entries) != 1 {
		t.Error("a mark was forgotten while a source did not answer")
	}
}

func TestManyNodesTellOnce(t *testing.T) {
	st := memstore.New()
	var wg sync.WaitGroup
	scenes := make([]*scene, 8)
	for i := range scenes {
		scenes[i] = newScene(st, client(true))
		wg.Go(func() { scenes[i].at(1) })
	}
	wg.Wait()
	n := 0
	for _, s := range scenes {
		n += len(s.events)
	}
	if n != 1 {
		t.Errorf("told %d times, want once", n)
	}
}

func TestEventsSayWhat(t *testing.T) {
	s := newScene(memstore.New(), client(true), Item{Kind: CRL, ID: "http://crl/", Name: "Root", NotAfter: end, Issued: end.AddDate(0, 0, -2)})
	if got := s.at(0.5); len(got) != 1 {
		t.Errorf("half a day before: told %v; a list is not near its end", got)
	}
	s.at(-1)
	if len(s.events) != 2 {
		t.Fatalf("told %v", s.events)
	}
	e := s.events[0]
	if e.Level != slog.LevelError || e.Message != `the client certificate "c" has expired on 2027-03-01 12:00 UTC` || e.Data["daysLeft"] != -1 || e.Data["certificateSubject"] != "CN=c" {
		t.Errorf("event %+v", e)
	}
	if e := s.events[1]; e.Level != slog.LevelWarn || !strings.Contains(e.Message, "revocation list") {
		t.Errorf("event %+v", e)
	}
}

// A list is told of where the wait is long for its life, and once though a node forgets it.
func TestListsAreToldByTheirLife(t *testing.T) {
	st := memstore.New()
	list := Item{Kind: CRL, ID: "http://crl/", Name: "CN=Root", NotAfter: end, Issued: end.AddDate(0, 0, -90)}
	s := newScene(st, list)
	for _, step := range []struct {
		days float64
		want string
	}{{50, ""}, {25, ""}, {13, "NearExpiry 14"}, {6, "NearExpiry 7"}, {-1, "Expired 0"}} {
		if got := strings.Join(s.at(step.days), ","); got != step.want {
			t.Errorf("%v days before: told %q, want %q", step.days, got, step.want)
		}
	}
	s.items = nil
	s.at(-2)
	s.items = []Item{list}
	if got := s.at(-3); len(got) != 0 {
		t.Errorf("a list that a node did not know for a while: told %v again", got)
	}
	s.items = nil
	s.at(-31)
	if entries, _, _ := st.List(context.Background(), prefix); len(entries) != 0 {
		t.Error("the mark of a list stays for ever")
	}
}

func TestMetric(t *testing.T) {
	s := newScene(memstore.New(), client(true), client(true))
	s.at(10)
	want := fmt.Sprintf(`
# HELP postern_not_after_timestamp_seconds When a certificate or revocation list runs out, in Unix time.
# TYPE postern_not_after_timestamp_seconds gauge
postern_not_after_timestamp_seconds{id="/certificates/c",in_use="true",kind="client",name="c"} %g
`, float64(end.Unix()))
	if err := testutil.CollectAndCompare(s.Watcher, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}
