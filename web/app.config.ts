// SST's SolidStart component looks for this file. The configuration itself is in vite.config.ts.
