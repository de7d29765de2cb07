package seal

import (
	"context"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// Owner knows what the secrets of the entries under a prefix of the store are sealed for.
type Owner struct {
	// Prefix of the keys that are the owner's. Of owners that both match, the longer prefix counts.
	Prefix string
	// Places are the associated data that tokens of the entry may be sealed with. Each token opens with one of them.
	Places func(e store.Entry) []string
}

// Report is what ResealAll did.
type Report struct {
	// Entries and Tokens are what was sealed anew.
	Entries int `json:"entries"`
	Tokens  int `json:"tokens"`
	// Left are the keys of entries that still hold a token of an older key: of no owner, or of one that failed.
	Left []string `json:"left"`
}

// attempts is how often an entry is sealed anew when somebody writes it meanwhile.
const attempts = 10

// tokens finds tokens in a stored value.
var tokens = regexp.MustCompile(`sealed:v1:[A-Za-z0-9_-]+`)

// ResealAll seals anew, with the newest key, every token of the store that an older key made. Entries change one by one,
// each only if nobody has changed it meanwhile, so that it may run while everything else does. An entry that does not
// open stays as it is and is reported; the error is the store's.
func (s *Sealer) ResealAll(ctx context.Context, st store.Store, owners []Owner) (Report, error) {
	report := Report{Left: []string{}}
	entries, _, err := st.List(ctx, "/")
	if err != nil {
		return report, err
	}
	for _, e := range entries {
		if !s.stale(e.Value) {
			continue
		}
		n, err := s.resealEntry(ctx, st, e, ownerOf(owners, e.Key))
		switch {
		case err != nil && (fault.KindOf(err) == fault.Unavailable || ctx.Err() != nil):
			return report, err
		case err != nil || n < 0:
			report.Left = append(report.Left, e.Key)
		case n > 0:
			report.Entries++
			report.Tokens += n
		}
	}
	return report, nil
}

// stale tells whether a value holds a token of an older key.
func (s *Sealer) stale(value []byte) bool {
	for _, t := range tokens.FindAll(value, -1) {
		if s.Stale(string(t)) {
			return true
		}
	}
	return false
}

func ownerOf(owners []Owner, key string) *Owner {
	var best *Owner
	for i, o := range owners {
		if strings.HasPrefix(key, o.Prefix) && (best == nil || len(o.Prefix) > len(best.Prefix)) {
			best = &owners[i]
		}
	}
	return best
}

// resealEntry seals the entry's tokens anew and returns how many, or -1 where there is nobody to know them.
func (s *Sealer) resealEntry(ctx context.Context, st store.Store, e store.Entry, o *Owner) (int, error) {
	if o == nil {
		return -1, nil
	}
	for try := 0; ; try++ {
		value, n, err := s.resealValue(e.Value, o.Places(e))
		if err != nil {
			return 0, err
		}
		_, err = st.Commit(ctx, store.Txn{If: []store.Condition{store.AtRevision(e.Key, e.ModRevision)}, Then: []store.Op{store.Put(e.Key, value)}})
		if err == nil || fault.KindOf(err) != fault.PreconditionFailed || try == attempts {
			return n, err
		}
		next, err := st.Get(ctx, e.Key)
		if err != nil && fault.KindOf(err) == fault.NotFound {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		e = next
	}
}

// resealValue puts new tokens in the places of old ones; n is how many.
func (s *Sealer) resealValue(value []byte, places []string) (_ []byte, n int, err error) {
	out := tokens.ReplaceAllFunc(value, func(t []byte) []byte {
		if err != nil || !s.Stale(string(t)) {
			return t
		}
		var again string
		if again, err = s.reseal(string(t), places); err != nil {
			return t
		}
		n++
		return []byte(again)
	})
	return out, n, err
}

func (s *Sealer) reseal(token string, places []string) (string, error) {
	for _, place := range places {
		if plain, err := s.Unseal(place, token); err == nil {
			return s.Seal(place, plain)
		}
	}
	return "", fault.New(fault.Internal, "a sealed secret opens for no place that it could be for")
}
