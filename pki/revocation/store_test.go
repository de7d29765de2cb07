package revocation

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a loader that counts, and fails while failing is set. Its values hold for an hour.
type counted struct {
	loads   atomic.Int32
	failing atomic.Bool
	pause   time.Duration
}

var errTest = errors.New("no luck")

func (c *counted) load(*flight[int]) (int, time.Time, error) {
	time.Sleep(c.pause)
	n := int(c.loads.Add(1))
	if c.failing.Load() {
		return 0, time.Time{}, errTest
	}
	return n, time.Now().Add(time.Hour), nil
}

func TestStoreSharesADownload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s store[int]
		c := &counted{pause: time.Second}
		first, second := s.start("a", c.load), s.start("a", c.load)
		if first != second {
			t.Error("two callers got two downloads")
		}
		<-first.done
		if again := s.start("a", c.load); again != first || c.loads.Load() != 1 {
			t.Errorf("a fresh result was loaded %d times", c.loads.Load())
		}
	})
}

func TestStoreRenewsAheadAndNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store[int]{refresh: 24 * time.Hour}
		c := &counted{pause: 5 * time.Second}
		<-s.start("a", c.load).done
		for range 5 * 3600 {
			time.Sleep(time.Second)
			s.tend(time.Now())
			f := s.start("a", c.load)
			if !f.landed() || f.stale(time.Now()) {
				t.Fatalf("somebody waits after %d downloads", c.loads.Load())
			}
		}
		if n := c.loads.Load(); n < 6 || n > 12 {
			t.Errorf("%d downloads in five hours of a value for one hour", n)
		}
	})
}

func TestStoreKeepsTheLastGoodValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s store[int]
		c := &counted{}
		<-s.start("a", c.load).done
		c.failing.Store(true)
		for range 3 * 3600 {
			time.Sleep(time.Second)
			s.tend(time.Now())
		}
		f := s.start("a", c.load)
		if !f.landed() || f.value != 1 || f.err != nil || !errors.Is(f.late, errTest) {
			t.Errorf("value = %d, %v, late for %v; want the first one, and why it is late", f.value, f.err, f.late)
		}
		if n := c.loads.Load(); n > 3*3600/20 {
			t.Errorf("%d downloads while the host is down", n)
		}
		c.failing.Store(false)
		time.Sleep(negativeTTL)
		s.tend(time.Now())
		synctest.Wait()
		if f := s.start("a", c.load); f.value < 2 || f.late != nil {
			t.Errorf("value = %d, late for %v, after the host came back", f.value, f.late)
		}
	})
}

// TestNobodyWaitsForAHostThatFailed has a value expire while its host fails, and then hangs.
func TestNobodyWaitsForAHostThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s store[int]
		c := &counted{}
		<-s.start("a", c.load).done
		c.failing.Store(true)
		for range 2 * 3600 {
			time.Sleep(time.Second)
			s.tend(time.Now())
		}
		c.pause = time.Minute
		for range 600 {
			time.Sleep(time.Second)
			s.tend(time.Now())
			if f := s.start("a", c.load); !f.landed() || f.value != 1 {
				t.Fatal("somebody waits for a host that hangs, for a value that was known")
			}
		}
		synctest.Wait()
		time.Sleep(time.Minute)
	})
}

func TestStoreTellsThatAValueCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		s := store[int]{recovered: func() { told++ }}
		c := &counted{}
		<-s.start("good", c.load).done
		c.failing.Store(true)
		<-s.start("bad", c.load).done
		c.failing.Store(false)
		if told != 0 {
			t.Error("told of a value that came at once")
		}
		time.Sleep(negativeTTL)
		<-s.start("bad", c.load).done
		if told != 1 {
			t.Errorf("told %d times of a value that came late, want once", told)
		}
	})
}

func TestStoreKeepsFailuresForAShortTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s store[int]
		c := &counted{}
		c.failing.Store(true)
		failed := s.start("a", c.load)
		<-failed.done
		if left := time.Until(failed.until); left <= 0 || left > negativeTTL {
			t.Errorf("a failure is kept for %v, want up to %v", left, negativeTTL)
		}
		time.Sleep(time.Second)
		s.start("a", c.load)
		if n := c.loads.Load(); n != 1 {
			t.Errorf("%d downloads within a second", n)
		}
		time.Sleep(negativeTTL)
		again := s.start("a", c.load)
		<-again.done
		if n := c.loads.Load(); n != 2 {
			t.Errorf("%d downloads, want another after the failure was forgotten", n)
		}
	})
}

func TestStoreForgetsWhatNobodyUses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s store[int]
		c := &counted{}
		<-s.start("a", c.load).done
		for range 49 * 60 {
			time.Sleep(time.Minute)
			s.tend(time.Now())
		}
		synctest.Wait()
		if s.peek("a") != nil {
			t.Error("what nobody used for two days is still kept")
		}
	})
}

func TestStoreIsBounded(t *testing.T) {
	var s store[int]
	for n := range maxKept + 100 {
		f := s.start(fmt.Sprint(n), func(*flight[int]) (int, time.Time, error) { return n, time.Now().Add(time.Hour), nil })
		<-f.done
	}
	if n := len(s.slots); n > maxKept {
		t.Errorf("%d results are kept, want at most %d", n, maxKept)
	}
}

// TestStoreQueuesDownloads: a burst of first downloads waits its turn; none is refused, and only so many run at a time.
func TestStoreQueuesDownloads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s store[int]
		var running, most atomic.Int32
		load := func(*flight[int]) (int, time.Time, error) {
			if n := running.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			running.Add(-1)
			return 1, time.Now().Add(time.Hour), nil
		}
		var flights []*flight[int]
		for n := range 3 * maxRunning {
			flights = append(flights, s.start(fmt.Sprint(n), load))
		}
		begun := time.Now()
		for n, f := range flights {
			if <-f.done; f.err != nil {
				t.Errorf("download %d: %v", n, f.err)
			}
		}
		if d := time.Since(begun); d != 3*time.Second || most.Load() > maxRunning {
			t.Errorf("%d downloads took %v, %d at a time", len(flights), d, most.Load())
		}
		for n := range maxFlights + 1 {
			s.start(fmt.Sprint("more", n), load)
		}
		if f := s.start("too many", load); !f.landed() || !errors.Is(f.err, errBusy) {
			t.Errorf("one too many: landed %v, %v", f.landed(), f.err)
		}
		time.Sleep(time.Minute)
	})
}
