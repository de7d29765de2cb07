package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// APIVersion is what the client speaks.
const APIVersion = "2024-05-01"

// Client calls a management API.
type Client struct {
	// HTTP sends the requests.
	HTTP *http.Client
	// URL is the base, without trailing slash; Token the bearer token.
	URL, Token string
}

// ServerError is an error answer.
type ServerError struct {
	// Status is the HTTP status.
	Status int
	// Code and Message are ARM's; Details are its details, one a line.
	Code, Message string
	Details       []string
}

func (e *ServerError) Error() string {
	text := fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message)
	for _, d := range e.Details {
		text += "\n  " + d
	}
	return text
}

// Apply PUTs the resources in order and stops at the first that is refused. done is called after each; created tells
// whether it was new.
func (c *Client) Apply(ctx context.Context, resources []Resource, done func(r Resource, created bool)) error {
	for _, r := range resources {
		status, err := c.Do(ctx, http.MethodPut, r.ID+"?api-version="+APIVersion, r.Body, nil)
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", r.File, r.Line, r.ID, err)
		}
		done(r, status == http.StatusCreated)
	}
	return nil
}

// Download GETs what is at the path into w. Error answers are *ServerError; a transfer that was cut is an error.
func (c *Client) Download(ctx context.Context, path string, w io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err != nil {
			return err
		}
		return readError(resp.StatusCode, data)
	}
	_, err = io.Copy(w, resp.Body)
	return err
}

// Do sends a request with a JSON body (nil: none) to the path and decodes the answer (nil: dropped). Error answers are *ServerError.
func (c *Client) Do(ctx context.Context, method, path string, body, into any) (status int, err error) {
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		payload = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, payload)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return resp.StatusCode, err
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, readError(resp.StatusCode, data)
	}
	if into == nil || len(data) == 0 {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.Unmarshal(data, into)
}

func readError(status int, data []byte) error {
	var envelope struct {
		Error struct {
			Code, Message string
			Details       []struct{ Code, Target, Message string }
		}
	}
	if json.Unmarshal(data, &envelope) != nil || envelope.Error.Code == "" {
		return &ServerError{Status: status, Code: http.StatusText(status), Message: strings.TrimSpace(string(data[:min(len(data), 500)]))}
	}
	e := &ServerError{Status: status, Code: envelope.Error.Code, Message: envelope.Error.Message}
	for _, d := range envelope.Error.Details {
		e.Details = append(e.Details, strings.TrimPrefix(d.Target+": "+d.Message, ": "))
	}
	return e
}
