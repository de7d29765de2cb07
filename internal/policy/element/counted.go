package element

import (
	"crypto/sha256"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

// The attributes of the policies that count by a key.
var (
	counterKey         = policy.Attribute{Name: "counter-key", Doc: "What is counted by. One counter serves all scopes.", Required: true, NonEmpty: true, Expression: true}
	incrementCondition = policy.Attribute{Name: "increment-condition", Doc: "Whether the request counts. An expression is evaluated once the response is there, so that the refusal comes one call late.", Type: policy.Boolean, Expression: true, Default: "true"}
	incrementCount     = policy.Attribute{Name: "increment-count", Doc: "How much the request counts. An expression is evaluated once the response is there.", Type: policy.Integer, Max: maxCount, Expression: true, Default: "1"}
)

// maxCount bounds what one request counts, and limits.
const maxCount = 1 << 40

// counting is how a request is counted.
type counting struct {
	key       policy.Text
	condition policy.Bool
	count     policy.Float
}

func newCounting(n *policy.Node) counting {
	return counting{n.Text("counter-key"), n.Bool("increment-condition"), n.Float("increment-count")}
}

// late reports whether what is counted is known only at the end of the request.
func (c *counting) late() bool { return c.condition.Expr != nil || c.count.Expr != nil }

// amount is how much the request counts. At the end of a request nobody can be told of an error: what cannot be evaluated
// counts as one.
func (c *counting) amount(x *policy.Run) int64 {
	yes, err := c.condition.Eval(x)
	if err == nil && !yes {
		return 0
	}
	n := 1.0
	if err == nil {
		n, err = c.count.Eval(x)
	}
	if err != nil || math.IsNaN(n) {
		x.Trace("counter", "error", "What the request counts could not be evaluated; it counts as one.")
		return 1
	}
	return int64(min(max(n, 0), maxCount))
}

// maxKeyBytes is the longest key that is kept as it is.
const maxKeyBytes = 256

// counter is the key of the request; of a long one its digest, since clients may choose it.
func (c *counting) counter(x *policy.Run) (string, error) {
	key, err := c.key.Eval(x)
	if len(key) > maxKeyBytes {
		sum := sha256.Sum256([]byte(key))
		key = "sha256:" + string(sum[:])
	}
	return key, err
}

// limit is a number of calls or the like, from an attribute.
func limit(x *policy.Run, f *policy.Float, what string) (int64, error) {
	n, err := f.Eval(x)
	if err != nil {
		return 0, err
	}
	if !(n >= 0) {
		return 0, invalid("InvalidLimit", "%v is no %s.", n, what)
	}
	return int64(min(n, maxCount)), nil
}

// seconds is a time in whole seconds, rounded up, at least one.
func seconds(d time.Duration) int64 { return max(1, int64((d+time.Second-1)/time.Second)) }

// tell sets a field of the answer that will be sent, if it has a name.
func tell(x *policy.Run, name string, value int64) {
	if name = strings.TrimSpace(name); !message.ValidName(name) {
		return
	}
	text := strconv.FormatInt(value, 10)
	x.After(func(_ *policy.Run, r *message.Response) { r.Header.Set(name, text) })
}
