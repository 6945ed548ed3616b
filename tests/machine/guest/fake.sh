# shellcheck shell=sh
# The trivial device of proxy_fake.c. Read by init.sh.

fake=$(device 0x1234 0xfa4e)
result "protocol: the device is found" test -n "$fake"
decode "$fake"
result "protocol: registers, and a write to memory" guest_fake "$fake"
echo 1 >"/sys/bus/pci/devices/$fake/reset"
decode "$fake"
result "protocol: the same after a reset of the function" guest_fake "$fake"
