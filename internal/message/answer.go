package message

import (
	"encoding/json"
	"strconv"
	"strings"
)

// ErrorResponse is API Management's default error answer, spacing included:
//
//	{ "statusCode": 404, "message": "Resource not found" }
func ErrorResponse(status int, message string) *Response {
	body := make([]byte, 0, 40+len(message))
	body = append(body, `{ "statusCode": `...)
	body = strconv.AppendInt(body, int64(status), 10)
	body = append(body, `, "message": `...)
	body = appendJSON(body, message)
	body = append(body, " }"...)
	return jsonResponse(status, body)
}

// InternalErrorResponse is API Management's answer to a failure that the client learns nothing about:
//
//	{ "statusCode": 500, "message": "Internal server error", "activityId": "<guid>" }
func InternalErrorResponse(id ID) *Response {
	return jsonResponse(500, []byte(`{ "statusCode": 500, "message": "Internal server error", "activityId": "`+id.String()+`" }`))
}

func jsonResponse(status int, body []byte) *Response {
	return &Response{
		Status: status,
		Header: Header{{"Content-Type", "application/json"}},
		Body:   NewBytesBody(body),
	}
}

// appendJSON appends s as a JSON string, leaving "<", ">" and "&" as they are.
func appendJSON(b []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return append(append(append(b, '"'), s...), '"')
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return append(b, `""`...)
	}
	return append(b, strings.TrimSuffix(text.String(), "\n")...)
}
