package unicode

import "strings"

// CaseGroups are the groups of characters that Oniguruma treats as the same under (?i), each as a string of them.
func CaseGroups() []string { return strings.Fields(caseGroups) }
