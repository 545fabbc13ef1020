//go:build tools

// Package etcd pins the API server's store, in the version that Kubernetes itself is built against.
package etcd

import (
	_ "go.etcd.io/etcd/server/v3"
)
