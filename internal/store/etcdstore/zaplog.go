package etcdstore

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/postern-gateway/postern/internal/logkey"
)

// componentLogger is logger, or one that discards, for what this package says.
func componentLogger(logger *slog.Logger) *slog.Logger {
	if logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return logger.With(logkey.Component, "store")
}

// quiet are etcd's warnings about what is meant to be as it is here.
var quiet = map[string]bool{
	// There is no client listener at all.
	"Running http and grpc server on single port. This is not recommended for production.": true,
	// etcd's own users and their tokens are not used.
	"simple token is not cryptographically signed": true,
	// A new member looks for the schema's version before its first entry is
	// applied; it looks again soon.
	"Failed to detect schema version":  true,
	"failed to update storage version": true,
}

// listenerEnded is what etcd says of a peer listener that failed.
const listenerEnded = "setting up serving from embedded etcd failed."

// closing are messages that etcd also gives because it is being closed: then
// their error ends so.
var closing = map[string]string{
	listenerEnded:                      net.ErrClosed.Error(),
	"failed to update cluster version": "request cancelled",
}

// zapLogger gives etcd a logger that writes warnings and worse to logger. What
// etcd calls fatal panics: nobody but main ends the process without a word.
func zapLogger(logger *slog.Logger) *zap.Logger {
	return zap.New(&slogCore{logger: logger}, zap.WithFatalHook(zapcore.WriteThenPanic))
}

// slogCore is a zapcore.Core that writes to a slog.Logger.
type slogCore struct {
	logger *slog.Logger
	fields []zapcore.Field
}

// Enabled implements zapcore.LevelEnabler.
func (c *slogCore) Enabled(level zapcore.Level) bool { return level >= zapcore.WarnLevel }

// With implements zapcore.Core.
func (c *slogCore) With(fields []zapcore.Field) zapcore.Core {
	return &slogCore{c.logger, append(c.fields[:len(c.fields):len(c.fields)], fields...)}
}

// Check implements zapcore.Core.
func (c *slogCore) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(entry.Level) && !quiet[entry.Message] {
		return checked.AddCore(entry, c)
	}
	return checked
}

// Write implements zapcore.Core.
func (c *slogCore) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	level := slog.LevelWarn
	if entry.Level >= zapcore.ErrorLevel {
		level = slog.LevelError
	}
	encoder := zapcore.NewMapObjectEncoder()
	for _, list := range [][]zapcore.Field{c.fields, fields} {
		for _, f := range list {
			f.AddTo(encoder)
		}
	}
	if ending, ok := closing[entry.Message]; ok && strings.HasSuffix(fmt.Sprint(encoder.Fields["error"]), ending) {
		return nil
	}
	attrs := make([]slog.Attr, 0, len(encoder.Fields)+1)
	attrs = append(attrs, slog.String("etcd", entry.Message))
	for name, value := range encoder.Fields {
		attrs = append(attrs, slog.Any(name, value))
	}
	c.logger.LogAttrs(context.Background(), level, "etcd reports", attrs...)
	return nil
}

// Sync implements zapcore.Core.
func (c *slogCore) Sync() error { return nil }
