//go:build tools

// Package contour pins the control plane of the second gateway in the cluster suites: Contour, which drives Envoy.
package contour

import (
	_ "github.com/projectcontour/contour/cmd/contour"
)
