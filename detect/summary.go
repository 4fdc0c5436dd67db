package detect

import (
	"fmt"
	"strconv"
	"strings"
)

// small prints a deviation with one or two digits: 6e-8, 1.2e-7, 0.02.
func small(x float64) string {
	if x == 0 {
		return "0"
	}
	if x >= 0.01 {
		return fmt.Sprintf("%.2g", x)
	}
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', 1, 64), "e")
	n, _ := strconv.Atoi(exponent) // FormatFloat wrote it
	return fmt.Sprintf("%se%d", strings.TrimSuffix(digits, ".0"), n)
}
