package std

import (
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
)

// head is one request's head, or why it is refused.
type head struct {
	method, target, proto string
	// fields are without Host, Content-Length and hop-by-hop fields.
	fields   message.Header
	host     string
	length   int64
	chunked  bool
	upgrade  string
	trailers []string
	refusal  refusal
}

// refusal is the answer to a request that goes no further.
type refusal struct {
	status  int
	message string
}

const (
	badHead      = "The request is malformed."
	urlTooLong   = "The request URL is too long."
	headTooLarge = "The request header fields are too large."
	bodyTooLarge = "The request body is too large."
	// requestLineExtra is what a request line has beside its target: a method, the version, two spaces.
	requestLineExtra = 64
	// maxLengthDigits keeps Content-Length within int64.
	maxLengthDigits = 18
)

func refused(status int, text string) *head { return &head{refusal: refusal{status, text}} }

// parseHead reads a head, which ends in CRLF without the empty line, strictly by RFC 9112.
func parseHead(text string, limits *engine.Limits, secure bool) *head {
	line, rest, _ := strings.Cut(text, "\r\n")
	h := new(head)
	if r := h.requestLine(line, limits); r.status != 0 {
		return &head{refusal: r}
	}
	if len(rest) > limits.HeaderBytes {
		return refused(431, headTooLarge)
	}
	var f framer
	if r := h.readFields(rest, limits, &f); r.status != 0 {
		return &head{refusal: r}
	}
	if r := h.finish(&f, limits, secure); r.status != 0 {
		return &head{refusal: r}
	}
	return h
}

// requestLine reads method, target and version (RFC 9112 section 3).
func (h *head) requestLine(line string, limits *engine.Limits) refusal {
	bad := refusal{400, badHead}
	method, rest, ok := strings.Cut(line, " ")
	if !ok || !message.ValidName(method) {
		return bad
	}
	target, version, ok := strings.Cut(rest, " ")
	if !ok || target == "" || len(version) != 8 || version[:5] != "HTTP/" || version[6] != '.' || !isDigit(version[5]) || !isDigit(version[7]) {
		if len(rest) > limits.URLBytes {
			return refusal{414, urlTooLong}
		}
		return bad
	}
	if version != "HTTP/1.1" && version != "HTTP/1.0" {
		return refusal{505, "The HTTP version is not supported."}
	}
	if len(target) > limits.URLBytes {
		return refusal{414, urlTooLong}
	}
	for i := range len(target) {
		// RFC 3986 has neither controls, nor spaces, nor raw bytes above ASCII, nor a fragment in a target.
		if c := target[i]; c <= ' ' || c >= 0x7f || c == '#' {
			return bad
		}
	}
	if !wellEscaped(target) {
		return bad
	}
	h.method, h.target, h.proto = method, target, version
	return refusal{}
}

// wellEscaped reports whether every "%" of the target's path begins an escape. In a query it may stand alone: backends
// see queries as they are.
func wellEscaped(target string) bool {
	for i := 0; i < len(target) && target[i] != '?'; i++ {
		if target[i] == '%' && (i+2 >= len(target) || unhex(target[i+1]) < 0 || unhex(target[i+2]) < 0) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// framer gathers the fields that frame a message while the head is read.
type framer struct {
	hosts, lengths, encodings int
	length, encoding, expect  string
	connection                []string
	upgrade                   string
	trailer                   []string
}

// readFields reads the field lines, each of which ends in CRLF.
func (h *head) readFields(text string, limits *engine.Limits, f *framer) refusal {
	h.fields = make(message.Header, 0, min(strings.Count(text, "\n"), limits.HeaderCount))
	count := 0
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\r\n")
		field, ok := parseField(line)
		if !ok {
			return refusal{400, badHead}
		}
		if count++; count > limits.HeaderCount {
			return refusal{431, headTooLarge}
		}
		if !f.take(field, h) {
			h.fields = append(h.fields, field)
		}
	}
	return refusal{}
}

// parseField reads one field line (RFC 9112 section 5). A folded line begins with a blank and so has no name.
func parseField(line string) (message.Field, bool) {
	colon := strings.IndexByte(line, ':')
	if colon <= 0 || !message.ValidName(line[:colon]) {
		return message.Field{}, false
	}
	value := strings.Trim(line[colon+1:], " \t")
	return message.Field{Name: line[:colon], Value: value}, message.ValidValue(value)
}

// take notes a field that frames the message and reports whether it is one; such fields are not passed on.
func (f *framer) take(field message.Field, h *head) bool {
	switch len(field.Name) {
	case 4, 6, 7, 10, 14, 17, 2, 16:
	default:
		return false
	}
	one := message.Header{field}
	switch {
	case one.Has("Host"):
		f.hosts++
		h.host = field.Value
	case one.Has("Content-Length"):
		f.lengths++
		f.length = field.Value
	case one.Has("Transfer-Encoding"):
		f.encodings++
		f.encoding = field.Value
	case one.Has("Expect"):
		f.expect = field.Value
	case one.Has("Upgrade"):
		f.upgrade = field.Value
	case one.Has("Trailer"):
		f.trailer = appendList(f.trailer, field.Value)
	case one.Has("Connection"), one.Has("Proxy-Connection"):
		f.connection = appendList(f.connection, field.Value)
	default:
		return message.HopByHop(field.Name)
	}
	return true
}

// appendList adds the members of a comma-separated list.
func appendList(list []string, value string) []string {
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.Trim(part, " \t"); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// finish judges what frames the message (RFC 9112 section 6) and where it goes (section 3.2).
func (h *head) finish(f *framer, limits *engine.Limits, secure bool) refusal {
	bad := refusal{400, badHead}
	switch {
	case f.encodings > 0 && (f.lengths > 0 || f.encodings > 1 || h.proto == "HTTP/1.0"):
		return bad
	case f.encodings == 1 && !strings.EqualFold(f.encoding, "chunked"):
		if !knownCoding(f.encoding) {
			return refusal{501, "The transfer coding is not supported."}
		}
		return bad
	case f.lengths > 1:
		return bad
	case f.encodings == 1:
		h.chunked, h.length = true, -1
	case f.lengths == 1:
		n, ok := parseLength(f.length)
		if !ok {
			return bad
		}
		if limits.BodyBytes >= 0 && n > limits.BodyBytes {
			return refusal{413, bodyTooLarge}
		}
		h.length = n
	}
	if f.expect != "" && !strings.EqualFold(f.expect, "100-continue") {
		return refusal{417, "The expectation cannot be met."}
	}
	if h.chunked {
		h.trailers = f.trailer
	}
	h.connectionOptions(f)
	return h.authority(f, secure)
}

// knownCoding reports whether every member of a Transfer-Encoding list is chunked or identity, so that the list is
// malformed and not merely unknown.
func knownCoding(value string) bool {
	for _, c := range appendList(nil, value) {
		if !strings.EqualFold(c, "chunked") && !strings.EqualFold(c, "identity") {
			return false
		}
	}
	return true
}

// parseLength reads a Content-Length: digits alone, no sign, no list.
func parseLength(s string) (int64, bool) {
	if s == "" || len(s) > maxLengthDigits {
		return 0, false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// connectionOptions takes off the fields that Connection names and finds an upgrade.
func (h *head) connectionOptions(f *framer) {
	upgrade := false
	for _, option := range f.connection {
		switch {
		case strings.EqualFold(option, "upgrade"):
			upgrade = true
		case strings.EqualFold(option, "close"), strings.EqualFold(option, "keep-alive"):
		default:
			h.fields.Del(option)
		}
	}
	if upgrade && strings.EqualFold(f.upgrade, "websocket") && h.method == "GET" && h.proto == "HTTP/1.1" && h.length == 0 {
		h.upgrade = "websocket"
	}
}

// authority finds the host: of the target in absolute form, else of the Host field, and refuses where they differ.
func (h *head) authority(f *framer, secure bool) refusal {
	bad := refusal{400, badHead}
	if f.hosts > 1 || f.hosts == 0 && h.proto == "HTTP/1.1" {
		return bad
	}
	if f.hosts == 1 {
		if _, _, err := message.SplitAuthority(h.host); err != nil {
			return bad
		}
	}
	switch {
	case h.method == "CONNECT":
		return refusal{405, "The method is not allowed."}
	case h.target[0] == '/', h.target == "*" && h.method == "OPTIONS":
		return refusal{}
	}
	u, err := message.ParseURL(h.target)
	if err != nil || f.hosts == 1 && !strings.EqualFold(absoluteAuthority(h.target), h.host) {
		return bad
	}
	if u.Scheme != scheme(secure) {
		return refusal{421, "Misdirected Request"}
	}
	h.host, h.target = absoluteAuthority(h.target), u.RequestURI()
	return refusal{}
}

// absoluteAuthority is the authority of a target in absolute form.
func absoluteAuthority(target string) string {
	_, rest, _ := strings.Cut(target, "://")
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		return rest[:i]
	}
	return rest
}

func scheme(secure bool) string {
	if secure {
		return "https"
	}
	return "http"
}
