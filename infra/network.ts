import { Config } from "./config.ts"

/**
 * Where workers live. By default a network of their own: public subnets, since a NAT gateway costs more
 * than all else together, and a group that lets nobody in. `VPC_ID` takes an existing one.
 */

const given = Config.use().network

interface Place {
  vpcID: $util.Input<string>
  subnetIDs: $util.Input<string>[]
  /** What a machine's network interface keeps from being deleted. */
  network: $util.Resource[]
}

export const { vpcID, subnetIDs, network }: Place = given ? { ...given, network: [] } : own()

export const securityGroup = new aws.ec2.SecurityGroup("WorkerGroup", {
  vpcId: vpcID,
  description: "Remote SWE workers: out only",
  ingress: [],
  egress: [
    { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"], ipv6CidrBlocks: ["::/0"], description: "All" },
  ],
})

function own() {
  const tags = (name: string) => ({ Name: `${$app.name}-${$app.stage}-${name}` })
  const vpc = new aws.ec2.Vpc("Network", {
    cidrBlock: "10.0.0.0/16",
    enableDnsSupport: true,
    enableDnsHostnames: true,
    tags: tags("network"),
  })
  // Whoever forgets to name a group gets one that lets nothing through.
  new aws.ec2.DefaultSecurityGroup("NetworkDefaultGroup", { vpcId: vpc.id })
  const gateway = new aws.ec2.InternetGateway("NetworkGateway", { vpcId: vpc.id, tags: tags("gateway") })
  const routes = new aws.ec2.RouteTable("NetworkRoutes", {
    vpcId: vpc.id,
    routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
    tags: tags("routes"),
  })
  const zones = aws.getAvailabilityZonesOutput({ state: "available" }).names
  const subnets: aws.ec2.Subnet[] = [0, 1].map((index) => {
    const subnet = new aws.ec2.Subnet(`NetworkSubnet${index + 1}`, {
      vpcId: vpc.id,
      cidrBlock: `10.0.${index * 64}.0/18`,
      availabilityZone: zones.apply((names) => names[index % names.length] ?? ""),
      mapPublicIpOnLaunch: true,
      tags: tags(`public-${index + 1}`),
    })
    new aws.ec2.RouteTableAssociation(`NetworkSubnet${index + 1}Routes`, {
      subnetId: subnet.id,
      routeTableId: routes.id,
    })
    return subnet
  })
  // Free, and the shorter way.
  for (const service of ["s3", "dynamodb"])
    new aws.ec2.VpcEndpoint(`NetworkEndpoint${service}`, {
      vpcId: vpc.id,
      serviceName: $interpolate`com.amazonaws.${aws.getRegionOutput({}).name}.${service}`,
      vpcEndpointType: "Gateway",
      routeTableIds: [routes.id],
    })
  return { vpcID: vpc.id, subnetIDs: subnets.map((subnet) => subnet.id), network: [vpc, gateway, ...subnets] }
}
