// Package etcdstore keeps the store contract in etcd: embedded in this process
// (Embedded), alone or as one member of a cluster of Postern nodes, or in an
// etcd cluster that already exists (Connect). Both run the same code.
//
// # What is stored
//
// Under one root (DefaultRoot), which nothing else may use:
//
//	ROOT/k<key>               a key of the store; its value is framed (frame.go)
//	ROOT/b/<hash>/m           the manifest of a blob
//	ROOT/b/<hash>/00000000    the blob's chunks
//	ROOT/seq                  put by every commit that puts, deleted by every commit that only deletes
//
// A value that is too big for one etcd request is stored in chunks, in a blob
// named by its content's SHA-256, before the transaction that refers to it is
// made. Readers never meet half of a value: a blob is whole before the
// transaction, and the transaction asserts that it is still there. All big
// values of one transaction share one blob, so a commit costs one assertion.
//
// # Sweeping
//
// A blob that no key refers to any more is removed, with its manifest, in one
// transaction on condition that the manifest is as it was when the references
// were counted. Every commit that refers to a blob puts its manifest, on
// condition that it is the one that was uploaded. So a sweep and a commit
// cannot both succeed on the same blob, whatever the clocks say; the age in the
// manifest only spares uploads under way.
//
// # Caveats
//
// A blob lives as long as one of its values does. A cluster of others must
// compact itself (etcd's --auto-compaction-retention); the embedded one does.
// A transaction of thousands of keys with long names may pass the 1.5 MiB that
// a foreign cluster accepts by default: it is refused whole, Kind TooLarge.
// etcd ends the process when it cannot write its log (a broken or full disk):
// it acknowledges nothing that it could not keep.
package etcdstore
