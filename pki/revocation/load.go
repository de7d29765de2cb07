package revocation

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/postern-gateway/postern/pki/chain"
)

// withoutNextUpdate is how long something is kept that does not say how long it may be.
const withoutNextUpdate = 5 * time.Minute

// keepUntil is when something with this nextUpdate has to be fetched again. What is expired
// already is kept as long as a failure, so that it is not fetched for each request.
func keepUntil(next time.Time) time.Time {
	now := time.Now()
	switch {
	case next.IsZero():
		return now.Add(withoutNextUpdate)
	case !next.After(now.Add(negativeTTL)):
		return now.Add(negativeTTL)
	}
	return next
}

// fetchList is the list at an address of a certificate.
func (c *Checker) fetchList(address string) *flight[*CRL] {
	return c.lists.start(address, c.listLoader(address))
}

func (c *Checker) listLoader(address string) loader[*CRL] {
	return func(old *flight[*CRL]) (*CRL, time.Time, error) {
		return c.loadList(c.opts.Fetcher, address, old)
	}
}

// loadList gets a list: at first from the disk, if what lies there is still in force, else from the network, else what
// lies on the disk be it expired: it may revoke, and is what a gateway without a network has.
func (c *Checker) loadList(from *Fetcher, address string, old *flight[*CRL]) (*CRL, time.Time, error) {
	var kept *CRL
	if old == nil {
		if kept = c.keptList(address); kept != nil && kept.NextUpdate().After(time.Now().Add(negativeTTL)) {
			return kept, keepUntil(kept.NextUpdate()), nil
		}
	}
	list, err := c.downloadList(from, address, old)
	if err != nil {
		c.log.LogAttrs(context.Background(), slog.LevelWarn, "a revocation list cannot be fetched", slog.String("url", address), slog.Any("error", err))
		if kept != nil {
			kept.late = err
			return kept, time.Now().Add(spread(negativeTTL)), nil
		}
		return nil, time.Time{}, fmt.Errorf("%s: %w", address, err)
	}
	return list, keepUntil(list.NextUpdate()), nil
}

// keptList reads the list that lies on the disk; nil if there is none that can be read.
func (c *Checker) keptList(address string) *CRL {
	meta, body, err := c.cache.read(address)
	if err != nil {
		return nil
	}
	defer body.Close() //nolint:errcheck // read only
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	list, err := ReadCRL(body, maxListBytes)
	if err != nil {
		c.cache.remove(address)
		return nil
	}
	list.entries.settle(c.opts.Dir)
	list.source, list.origin, list.known = address, originKept, meta.validators
	return list
}

// downloadList fetches a list, or finds that the one of old is still the newest. The body is read once: into the
// list and, where there is a disk, into a file that takes its name when the whole list was read.
func (c *Checker) downloadList(from *Fetcher, address string, old *flight[*CRL]) (*CRL, error) {
	var known validators
	if old != nil && old.err == nil && old.value.proved() {
		known = old.value.known
	}
	s, err := from.list(address, known)
	if err != nil {
		return nil, err
	}
	if s.unchanged {
		c.cache.touch(address)
		return old.value, nil
	}
	defer s.body.Close() //nolint:errcheck // nothing to do about it
	w := c.cache.writer(cacheMeta{Key: address, Fetched: time.Now().UTC(), validators: s.validators})
	defer w.close()
	gate := &gatedReader{src: io.TeeReader(s.body, w), slots: c.large, pause: s.pause, limit: largeList}
	defer gate.release()
	list, err := ReadCRL(gate, from.opts.MaxBytes)
	if err != nil {
		return nil, err
	}
	list.entries.settle(c.opts.Dir)
	list.source, list.origin, list.known = address, originFetched, s.validators
	if old == nil || old.err != nil || !old.value.proved() || list.succeeds(old.value) {
		w.keep()
	}
	return list, nil
}

// fetchAnswer is what the responder at address says about subject.
func (c *Checker) fetchAnswer(address string, subject, issuer *chain.Info) *flight[*Response] {
	key, load := c.answerLoader(address, subject, issuer)
	return c.answers.start(key, load)
}

// askAgain asks the responder whose kept answer is no good.
func (c *Checker) askAgain(address string, subject, issuer *chain.Info, bad *flight[*Response]) *flight[*Response] {
	key, load := c.answerLoader(address, subject, issuer)
	return c.answers.again(key, bad, load)
}

func (c *Checker) answerLoader(address string, subject, issuer *chain.Info) (key string, load loader[*Response]) {
	id := NewCertID(subject, issuer)
	key = fmt.Sprintf("%s %x %x %x", address, id.nameHash, id.keyHash, id.serial)
	return key, func(old *flight[*Response]) (*Response, time.Time, error) {
		var kept *Response
		if old == nil {
			if kept = c.keptAnswer(key, address); kept != nil && kept.next(id).After(time.Now().Add(negativeTTL)) {
				return kept, keepUntil(kept.next(id)), nil
			}
		}
		r, data, err := c.downloadAnswer(address, id)
		if err != nil {
			c.log.LogAttrs(context.Background(), slog.LevelWarn, "a responder gives no answer", slog.String("url", address), slog.Any("error", err))
			if kept != nil {
				return kept, time.Now().Add(spread(negativeTTL)), nil
			}
			return nil, time.Time{}, fmt.Errorf("%s: %w", address, err)
		}
		c.cache.write(cacheMeta{Key: key, Fetched: time.Now().UTC()}, data)
		r.source, r.origin = address, originFetched
		return r, keepUntil(r.next(id)), nil
	}
}

// keptAnswer reads the answer that lies on the disk; nil if there is none that can be read.
func (c *Checker) keptAnswer(key, address string) *Response {
	_, body, err := c.cache.read(key)
	if err != nil {
		return nil
	}
	defer body.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(io.LimitReader(body, maxAnswerBytes))
	if err != nil {
		return nil
	}
	r, err := ParseResponse(data)
	if err != nil {
		c.cache.remove(key)
		return nil
	}
	r.source, r.origin = address, originKept
	return r
}

// downloadAnswer asks by GET, which caches between here and the responder know, and by POST where that fails.
func (c *Checker) downloadAnswer(address string, id CertID) (*Response, []byte, error) {
	var nonce []byte
	if c.opts.Nonce {
		nonce = make([]byte, nonceBytes)
		rand.Read(nonce) //nolint:errcheck // never fails
	}
	request, err := id.request(nonce)
	if err != nil {
		return nil, nil, err
	}
	var data []byte
	if nonce == nil {
		data, err = c.opts.Fetcher.get(requestURL(address, request), maxAnswerBytes)
	}
	if nonce != nil || err != nil {
		if data, err = c.opts.Fetcher.post(address, "application/ocsp-request", request, maxAnswerBytes); err != nil {
			return nil, nil, err
		}
	}
	r, err := ParseResponse(data)
	if err != nil {
		return nil, nil, err
	}
	if nonce != nil && r.nonce != nil && !bytes.Equal(r.nonce, nonce) {
		return nil, nil, errors.New("the answer has another nonce than was sent")
	}
	return r, data, nil
}

// nonceBytes is the length of a nonce (RFC 9654 section 2.1).
const nonceBytes = 32

// next is the nextUpdate of the answer about id; zero if there is none.
func (p *Response) next(id CertID) time.Time {
	for _, s := range p.singles {
		if s.id.equal(id) && s.hasNext && !s.nextUpdate.bad {
			return time.Unix(s.nextUpdate.at, 0)
		}
	}
	return time.Time{}
}

// revokes reports whether the answer revokes anything.
func (p *Response) revokes() bool {
	for _, s := range p.singles {
		if s.status == chain.StatusRevoked {
			return true
		}
	}
	return false
}
