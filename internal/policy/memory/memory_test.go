package memory_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/policy/memory"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func TestCache(t *testing.T) {
	c := memory.NewCache(0)
	defer c.Close()
	c.Put("k", 1, 10, noon, time.Minute)
	if v, ok := c.Get("k", noon.Add(59*time.Second)); !ok || v != 1 {
		t.Errorf("Get = %v, %v; want 1", v, ok)
	}
	if _, ok := c.Get("k", noon.Add(time.Minute)); ok {
		t.Error("the value is there when its time is over")
	}
	c.Put("k", 2, 10, noon, time.Minute)
	c.Remove("k")
	if _, ok := c.Get("k", noon); ok {
		t.Error("the value is there after it was removed")
	}
	c.Put("k", 3, 10, noon, time.Minute)
	c.Put("k", 4, 10, noon, 0)
	if _, ok := c.Get("k", noon); ok {
		t.Error("the value is there after one was put in its place for no time")
	}
}

func TestCacheIsBounded(t *testing.T) {
	const bound = 1 << 20
	c := memory.NewCache(bound)
	defer c.Close()
	for i := range 5000 {
		c.Put(fmt.Sprint(i), strings.Repeat("x", 1000), 1000, noon, time.Hour)
	}
	c.Put("huge", "", 1<<40, noon, time.Hour)
	deadline := time.Now().Add(5 * time.Second)
	for c.Bytes() > bound {
		if time.Now().After(deadline) {
			t.Fatalf("the cache holds %d bytes, more than %d", c.Bytes(), bound)
		}
		time.Sleep(time.Millisecond)
	}
	if _, ok := c.Get("huge", noon); ok {
		t.Error("a value larger than the cache is kept")
	}
}

// TestRateWindow shows that no window of the length given ever lets more calls through, and that the time told is enough.
func TestRateWindow(t *testing.T) {
	const calls, length = 50, 10 * time.Second
	l := memory.NewLimits()
	var passed []time.Time
	for i, now := 0, noon; i < 20_000; i++ {
		now = now.Add(time.Duration(i*7919%13) * time.Millisecond)
		r := l.Take("k", length, calls, 1, true, now)
		if r.OK {
			passed = append(passed, now)
			if n := len(passed); n > calls && now.Sub(passed[n-1-calls]) < length {
				t.Fatalf("%d calls passed in %s", calls+1, now.Sub(passed[n-1-calls]))
			}
			continue
		}
		if r.Retry <= 0 || r.Retry > length {
			t.Fatalf("call %d is told to come back in %s", i, r.Retry)
		}
		if i%500 == 0 {
			if now = now.Add(r.Retry); !l.Take("k", length, calls, 1, true, now).OK {
				t.Fatal("there is no room after the time told")
			}
			passed = append(passed, now)
		}
	}
	if least := calls * 10; len(passed) < least {
		t.Errorf("%d calls passed, want at least %d", len(passed), least)
	}
}

func TestRateExact(t *testing.T) {
	l := memory.NewLimits()
	for i, want := range []memory.Rate{{OK: true, Remaining: 1}, {OK: true, Remaining: 0}, {Retry: 58 * time.Second}, {Retry: 57 * time.Second}} {
		if got := l.Take("k", time.Minute, 2, 1, true, noon.Add(time.Duration(i)*time.Second)); got != want {
			t.Errorf("call %d: Take = %+v, want %+v", i, got, want)
		}
	}
	if got := l.Take("k", time.Minute, 2, 1, true, noon.Add(time.Minute+time.Second)); !got.OK {
		t.Errorf("after a minute: %+v", got)
	}
	if got := l.Take("k", time.Second, 2, 1, true, noon); !got.OK {
		t.Error("another length of time has the same counter")
	}
	if got := l.Take("zero", time.Second, 0, 1, true, noon); got.OK || got.Retry != time.Second {
		t.Errorf("a limit of nothing: %+v", got)
	}
}

func TestQuotaPeriods(t *testing.T) {
	l := memory.NewLimits()
	one, limit := memory.Amount{Calls: 1}, memory.Amount{Calls: 1, Bytes: -1}
	span := memory.Span{Start: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), Length: time.Hour}
	tests := []struct {
		name string
		now  time.Time
		want memory.Quota
	}{
		{"first", noon.Add(time.Minute), memory.Quota{OK: true, Renews: 59 * time.Minute}},
		{"used up", noon.Add(30 * time.Minute), memory.Quota{Renews: 30 * time.Minute}},
		{"next period", noon.Add(time.Hour), memory.Quota{OK: true, Renews: time.Hour}},
		{"before the start", span.Start.Add(-time.Minute), memory.Quota{OK: true, Renews: time.Minute}},
	}
	for _, tt := range tests {
		if got := l.Spend("k", span, limit, one, true, tt.now); got != tt.want {
			t.Errorf("%s: Spend = %+v, want %+v", tt.name, got, tt.want)
		}
	}
	forever := memory.Span{}
	l.Charge("k", forever, memory.Amount{Bytes: 1 << 62}, noon)
	l.Charge("k", forever, memory.Amount{Bytes: 1 << 62}, noon)
	l.Charge("k", forever, memory.Amount{Bytes: 1 << 62}, noon)
	if got := l.Spend("k", forever, memory.Amount{Calls: -1, Bytes: 1 << 40}, one, true, noon); got != (memory.Quota{Bandwidth: true}) {
		t.Errorf("too many bytes: %+v", got)
	}
}

// TestConcurrent lets exactly as many calls through as there is room for; run it with -race.
func TestConcurrent(t *testing.T) {
	l, c := memory.NewLimits(), memory.NewCache(1<<16)
	defer c.Close()
	var rates, quotas atomic.Int64
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 500 {
				key := fmt.Sprint(i % 5)
				if l.Take(key, time.Minute, 100, 1, true, noon).OK {
					rates.Add(1)
				}
				if l.Spend(key, memory.Span{}, memory.Amount{Calls: 100, Bytes: -1}, memory.Amount{Calls: 1}, true, noon).OK {
					quotas.Add(1)
				}
				c.Put(key, worker, 100, noon, time.Minute)
				c.Get(key, noon)
				if i%7 == 0 {
					c.Remove(key)
				}
			}
		})
	}
	wg.Wait()
	if rates.Load() != 500 || quotas.Load() != 500 {
		t.Errorf("%d and %d calls passed, want 500 each", rates.Load(), quotas.Load())
	}
}

// TestBoundedKeys remembers a heavy user while a flood of other keys comes.
func TestBoundedKeys(t *testing.T) {
	l := memory.NewLimits()
	for range 100 {
		l.Take("heavy", time.Minute, 100, 1, true, noon)
		l.Spend("heavy", memory.Span{}, memory.Amount{Calls: 100, Bytes: -1}, memory.Amount{Calls: 1}, true, noon)
	}
	for i := range 150_000 {
		key := fmt.Sprint(i)
		l.Take(key, time.Minute, 100, 1, true, noon)
		l.Spend(key, memory.Span{}, memory.Amount{Calls: 100, Bytes: -1}, memory.Amount{Calls: 1}, true, noon)
	}
	if l.Take("heavy", time.Minute, 100, 1, true, noon).OK {
		t.Error("the rate of a heavy user is forgotten")
	}
	if l.Spend("heavy", memory.Span{}, memory.Amount{Calls: 100, Bytes: -1}, memory.Amount{Calls: 1}, true, noon).OK {
		t.Error("the quota of a heavy user is forgotten")
	}
	if keys := l.Keys(); keys > 2*64*2048 {
		t.Errorf("%d keys are kept", keys)
	}
}

func BenchmarkTake(b *testing.B) {
	l := memory.NewLimits()
	now := noon
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Millisecond)
		l.Take("k", time.Second, 1000, 1, true, now)
	}
}
