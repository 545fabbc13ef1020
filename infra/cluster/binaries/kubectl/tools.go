//go:build tools

// Package kubectl pins the program with which the commands of the documents are run; only one suite of the cluster asks for it.
package kubectl

import (
	_ "k8s.io/kubernetes/cmd/kubectl"
)
