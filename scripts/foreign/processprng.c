/* bcryptprimitives.dll for Wine 8, which lacks it: Go's runtime asks it for random bytes at start-up. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length); /* RtlGenRandom, advapi32 */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T left) {
  while (left > 0) {
    ULONG n = left > 1 << 20 ? 1 << 20 : (ULONG)left;
    if (!SystemFunction036(data, n)) return FALSE;
    data += n;
    left -= n;
  }
  return TRUE;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved) { return TRUE; }
