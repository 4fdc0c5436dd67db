package isolate

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

func program() (string, error) { return os.Executable() }

// parentLimits: the job object holds the child to its memory.
const parentLimits = true

// inherit hands the child the handle for reports.
func inherit(cmd *exec.Cmd, reports *os.File) error {
	handle := windows.Handle(reports.Fd())
	if err := windows.SetHandleInformation(handle, windows.HANDLE_FLAG_INHERIT, windows.HANDLE_FLAG_INHERIT); err != nil {
		return err
	}
	cmd.Env = append(cmd.Env, childVariable+"="+strconv.FormatUint(uint64(handle), 10))
	cmd.SysProcAttr = &syscall.SysProcAttr{
		AdditionalInheritedHandles: []syscall.Handle{syscall.Handle(handle)},
		CreationFlags:              windows.CREATE_NEW_PROCESS_GROUP, // Ctrl-C reaches only the parent, which then asks the child
	}
	return nil
}

// inherited is the child's side of it. What the child starts does not inherit it.
func inherited(descriptor string) (*os.File, error) {
	handle, err := strconv.ParseUint(descriptor, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s: expected the number of a handle, found %q", childVariable, descriptor)
	}
	if err := windows.SetHandleInformation(windows.Handle(handle), windows.HANDLE_FLAG_INHERIT, 0); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(handle), "reports"), nil
}

// holder is a job object, which ends with this process and ends all that is in it.
type holder struct{ job windows.Handle }

func hold(p *os.Process, limit int64) (holder, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return holder{}, err
	}
	h := holder{job}
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
		windows.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION
	if limit > 0 {
		info.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY
		info.ProcessMemoryLimit = uintptr(limit)
	}
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info))); err != nil {
		h.close()
		return holder{}, err
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(p.Pid))
	if err == nil {
		err = windows.AssignProcessToJobObject(job, process)
		_ = windows.CloseHandle(process)
	}
	if err != nil {
		h.close()
		return holder{}, err
	}
	return h, nil
}

func (h holder) kill() { _ = windows.TerminateJobObject(h.job, 1) } // an error says that none is left

func (h holder) close() { _ = windows.CloseHandle(h.job) }

// exitOf says how a process ended; what kills a process here leaves no mark of its own.
func exitOf(s *os.ProcessState) (how string, killed bool) {
	return fmt.Sprintf("it exited with %#x and without a report", uint32(s.ExitCode())), false
}

// restrain does nothing: the job object does.
func restrain() {}
