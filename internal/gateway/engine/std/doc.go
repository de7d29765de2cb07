// Package std is the HTTP engine on the standard library: net/http's server
// for HTTP/1.1 and HTTP/2 towards clients, http.Transport towards backends.
//
// The server does its own TLS handshakes, so that a connection's binding is
// known before its first request, and hands connections on to one http.Server
// for each binding (a lane), which can be drained alone. HTTP/1 connections
// are read through a guard that refuses what RFC 9112 does not allow and keeps
// field order and spelling; HTTP/2 fields come sorted by name.
//
// How malformed and ambiguous requests are met:
//
//	Content-Length and Transfer-Encoding together    400
//	repeated Content-Length, equal or not; lists     400
//	"+5", "5,5", "0x5", more than 18 digits          400
//	bare LF, bare CR, NUL, controls, space before :  400
//	folded lines                                     400
//	Transfer-Encoding in HTTP/1.0; "chunked" twice   400
//	other transfer codings                           501
//	no, repeated or invalid Host                     400
//	absolute form that differs from Host             400
//	absolute form with the other scheme              421
//	chunk extensions                                 dropped, the body is framed anew
//	malformed or oversized chunk sizes, bare LF      the body ends in an error, the connection closes
//	CONNECT                                          405
//	HTTP/2: Connection and its like, TE but trailers 400
//	HTTP/2: lengths that differ from the content     stream error
//
// Connections of Config.Proxies begin with a PROXY protocol header (version 2), which tells the client's address; those
// without one, and those of version 1, are closed.
//
// Caveats: HTTP/2 over TLS only; no extended CONNECT.
package std
