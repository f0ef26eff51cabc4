import { BlockList, isIP } from 'node:net';

/** Is this IP address (v4 or v6, as text) on the public internet? Loopback, private and reserved ones are not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return !RESERVED.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

// BlockList also applies the IPv4 rules to IPv4-mapped IPv6 addresses (::ffff:127.0.0.1).
const RESERVED = reserved({
  ipv4: [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '224.0.0.0/4',
    '240.0.0.0/4',
  ],
  // The last three embed IPv4 addresses: the old compatible form, NAT64 and 6to4.
  ipv6: ['::1/128', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8', '::/96', '64:ff9b::/96', '2002::/16'],
});

function reserved(subnets: Record<'ipv4' | 'ipv6', string[]>): BlockList {
  const list = new BlockList();
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const subnet of subnets[family]) {
      const [address = '', prefix = ''] = subnet.split('/');
      list.addSubnet(address, Number(prefix), family);
    }
  }
  return list;
}
